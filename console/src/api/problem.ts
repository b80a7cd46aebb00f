import { capitalised } from "../labels/text";
import type { components } from "./schema";

/** An error response of the API (RFC 9457). */
export type Problem = components["schemas"]["Problem"];
export type LineProblem = components["schemas"]["LineProblem"];

/** Returns the last segment of a problem's `type`, or `undefined` for other errors. */
export function problemType(error: unknown): string | undefined {
  return isProblem(error) ? error.type.split(":").pop() : undefined;
}

/** Returns `true` if a stored item cannot be read. Such an error persists until the item is corrected. */
export const isDamaged = (error: unknown) => problemType(error) === "stored-data-damaged";

export function isProblem(error: unknown): error is Problem {
  return (
    typeof error === "object" && error !== null && "type" in error && "status" in error && "title" in error
  );
}

/** Returns `true` if a retry may succeed: not for client errors, nor for damaged data. */
export const isRetryable = (error: unknown) =>
  !isProblem(error) || (error.status >= 500 && !isDamaged(error));

/** Returns `true` if a request got no response: `fetch` throws a `TypeError` then. */
export const isUnreachable = (error: unknown) => error instanceof TypeError;

/** Returns the title and detail to show for an error. */
export function errorMessage(error: unknown): { title: string; detail: string } {
  if (isDamaged(error)) {
    return {
      title: "Stored data cannot be read",
      detail: "Nothing is lost. Ask the operator to correct the item, which the log names.",
    };
  }
  if (isProblem(error)) {
    return { title: error.title, detail: capitalised(error.detail) };
  }
  if (isUnreachable(error)) {
    return {
      title: "The service cannot be reached",
      detail: "Check your network connection and, for a local program, that it is running.",
    };
  }
  return { title: "Unexpected error", detail: error instanceof Error ? error.message : String(error) };
}
