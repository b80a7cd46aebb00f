import type { Schemas } from "../api/client";
import type { Endpoint } from "./condition";
import { backlogLabel } from "./labels";

/** Result of a probe. `unknown` if it did not end in time. */
export type RetryOutcome =
  | { kind: "recovered" | "disabled" | "unknown" }
  | { kind: "failing"; reason: string | undefined };

/** Returns the result of the probe, if it is known. Pure. */
export function compare(resumed: Endpoint, now: Endpoint): "recovered" | "disabled" | "failing" | undefined {
  if (now.health.state === "disabled") {
    return "disabled";
  }
  if (now.health.state !== "failing") {
    return "recovered";
  }
  return now.lastFailureAt === resumed.lastFailureAt ? undefined : "failing";
}

/** Formats the result of a retry. `backlog` is the one before the retry. */
export function outcomeText(outcome: RetryOutcome, backlog: Schemas["Backlog"]): string {
  switch (outcome.kind) {
    case "recovered": {
      const one = backlog.pending === 1 && !backlog.capped;
      return `Recovered, ${backlogLabel(backlog)} ${one ? "delivery" : "deliveries"} on ${one ? "its" : "their"} way`;
    }
    case "failing":
      return outcome.reason ? `Still failing: ${outcome.reason}` : "Still failing";
    case "disabled":
      return "The endpoint is disabled now";
    case "unknown":
      return "No result yet. The endpoint's page shows it once it is known.";
  }
}
