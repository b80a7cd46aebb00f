import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client";
import type { Condition, Endpoint } from "./condition";

interface Label {
  text: string;
  type: StatusIndicatorProps.Type;
}

const CONDITIONS: Record<Condition, Label> = {
  damaged: { text: "Damaged", type: "error" },
  disabled: { text: "Disabled", type: "error" },
  failing: { text: "Failing", type: "error" },
  paused: { text: "Paused", type: "stopped" },
  rejecting: { text: "Rejects some", type: "warning" },
  off: { text: "Off", type: "stopped" },
  slow: { text: "Slow", type: "info" },
  new: { text: "Not called yet", type: "pending" },
  healthy: { text: "Healthy", type: "success" },
};

/** Returns label and icon of a condition. */
export const conditionLabel = (condition: Condition) => CONDITIONS[condition];

const number = new Intl.NumberFormat();

/** Formats a backlog: `1,234`, `at least 4,000`. */
export function backlogLabel({ pending, capped }: Schemas["Backlog"]): string {
  return `${capped ? "at least " : ""}${number.format(pending)}`;
}

/** Formats a backlog as a clause: `nothing is pending`, `1 delivery is pending`. */
export function pendingLabel(backlog: Schemas["Backlog"]): string {
  if (backlog.pending === 0) {
    return "nothing is pending";
  }
  const one = backlog.pending === 1 && !backlog.capped;
  return `${backlogLabel(backlog)} ${one ? "delivery is pending" : "deliveries are pending"}`;
}

/** Returns the notice after a resume. `now` is the endpoint as the API returned it. */
export function resumedMessage({ health, backlog, url }: Endpoint, now: Endpoint): string {
  const damaged = health.state === "damaged";
  const reset = damaged ? `The damaged attributes of ${url} are set to their defaults. ` : "";
  if (damaged && now.settings.paused) {
    return `${reset}It is still paused.`;
  }
  return backlog.pending > 0
    ? `${reset}${url} is being retried now. Once it acknowledges a delivery, the rest follows.`
    : `${reset}${url} is called again with the next event: nothing is pending.`;
}
