import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client";
import { errorMessage, isProblem } from "../api/problem";
import { reasonLabel } from "../labels/reasons";
import { capitalised } from "../labels/text";
import { duration } from "../labels/time";
import type { UrlTest } from "./use-url-tests";

/** Reasons whose detail adds information, such as the certificate or address. */
const REASONS_WITH_DETAIL = new Set<Schemas["Reason"]>([
  "tls-failure",
  "dns-failure",
  "address-not-allowed",
  "other",
]);

interface Outcome {
  type: StatusIndicatorProps.Type;
  /** Text at the line. */
  text: string;
  /** Reason and next step, if the URL did not acknowledge the call. */
  detail?: string;
}

/** Returns the result of a test call as people read it. */
export function testOutcome(test: UrlTest): Outcome {
  if (test.state === "pending") {
    return { type: "in-progress", text: "Waiting for the response, at most 10 seconds" };
  }
  if (test.state === "not-called") {
    return notCalled(test.error);
  }
  const { delivered, status, latencyMs, reason, detail } = test.result;
  const elapsed = duration(latencyMs);
  const text = status ? `${status} in ${elapsed}` : `No response after ${elapsed}`;
  if (delivered) {
    return { type: "success", text };
  }
  const label = reason && reasonLabel(reason);
  const sentences = [
    ...(label ? [`${label.title}.`, label.advice] : []),
    ...(detail && (!reason || REASONS_WITH_DETAIL.has(reason)) ? [`${capitalised(detail)}.`] : []),
  ];
  return { type: "error", text, detail: sentences.join(" ") };
}

function notCalled(error: unknown): Outcome {
  const { title, detail } = errorMessage(error);
  const line = isProblem(error) ? error.errors?.[0] : undefined;
  return {
    type: isProblem(error) && error.status === 429 ? "stopped" : "error",
    text: `Not called: ${title}`,
    detail: line ? capitalised(line.detail.replace(/^.*?, line \d+: /, "")) : detail,
  };
}
