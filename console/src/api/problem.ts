import { capitalised } from "../labels/text";
import type { components } from "./schema";

/** Why the API refused a call (RFC 9457). */
export type Problem = components["schemas"]["Problem"];
export type LineProblem = components["schemas"]["LineProblem"];

/** A problem's kind: the end of its `type`. */
export function problemType(error: unknown): string | undefined {
  return isProblem(error) ? error.type.split(":").pop() : undefined;
}

/** Whether a stored item cannot be read: that does not pass by itself. */
export const isDamaged = (error: unknown) => problemType(error) === "stored-data-damaged";

export function isProblem(error: unknown): error is Problem {
  return (
    typeof error === "object" && error !== null && "type" in error && "status" in error && "title" in error
  );
}

/** Whether the same call may well succeed later: a refusal stays one, and so does damage. */
export const isRetryable = (error: unknown) =>
  !isProblem(error) || (error.status >= 500 && !isDamaged(error));

/** In words, for whoever looks at it. */
export function errorMessage(error: unknown): { title: string; detail: string } {
  if (isDamaged(error)) {
    return {
      title: "What is stored cannot be read",
      detail: "Nothing is lost. Ask the operator, who finds the item in the log, to correct it.",
    };
  }
  if (isProblem(error)) {
    return { title: error.title, detail: capitalised(error.detail) };
  }
  if (error instanceof TypeError) {
    // What `fetch` throws when no answer came.
    return {
      title: "The service cannot be reached",
      detail:
        "Check your connection, and on your own machine that the program runs. The console tries again by itself.",
    };
  }
  return { title: "Something went wrong", detail: error instanceof Error ? error.message : String(error) };
}
