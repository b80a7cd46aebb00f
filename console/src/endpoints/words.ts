import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client";
import type { Condition } from "./condition";

interface Words {
  text: string;
  type: StatusIndicatorProps.Type;
}

const CONDITIONS: Record<Condition, Words> = {
  disabled: { text: "Disabled", type: "error" },
  failing: { text: "Failing", type: "error" },
  paused: { text: "Paused", type: "stopped" },
  rejecting: { text: "Rejects some", type: "warning" },
  off: { text: "Off", type: "stopped" },
  slow: { text: "Slow", type: "info" },
  new: { text: "Not called yet", type: "pending" },
  healthy: { text: "Healthy", type: "success" },
};

/** How an endpoint stands, for a status indicator. */
export const conditionWords = (condition: Condition) => CONDITIONS[condition];

const number = new Intl.NumberFormat();

/** `1,234`, `at least 4,000`. */
export function backlogWords({ waiting, capped }: Schemas["BacklogBody"]): string {
  return `${capped ? "at least " : ""}${number.format(waiting)}`;
}

/** `Nothing waits`, `1 delivery waits`, `at least 4,000 deliveries wait`. */
export function waitingWords(backlog: Schemas["BacklogBody"]): string {
  if (backlog.waiting === 0) {
    return "nothing waits";
  }
  const one = backlog.waiting === 1 && !backlog.capped;
  return `${backlogWords(backlog)} ${one ? "delivery waits" : "deliveries wait"}`;
}

/** The start of a sentence. */
export const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
