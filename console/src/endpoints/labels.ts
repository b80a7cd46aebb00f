import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client";
import type { Condition } from "./condition";

interface Label {
  text: string;
  type: StatusIndicatorProps.Type;
}

const CONDITIONS: Record<Condition, Label> = {
  damaged: { text: "Damaged", type: "error" },
  disabled: { text: "Disabled", type: "error" },
  failing: { text: "Failing", type: "error" },
  paused: { text: "Paused", type: "stopped" },
  rejecting: { text: "Rejecting some", type: "warning" },
  off: { text: "Off", type: "stopped" },
  slow: { text: "Slow", type: "info" },
  new: { text: "Not called yet", type: "pending" },
  healthy: { text: "Healthy", type: "success" },
};

/** Returns label and icon of a condition. */
export const conditionLabel = (condition: Condition) => CONDITIONS[condition];

const number = new Intl.NumberFormat("en-GB");

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
