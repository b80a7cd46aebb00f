import type { Schemas } from "../../api/client";
import { giveUpLabel, reasonLabel } from "../../labels/reasons";
import { isDeferred } from "../deferred";
import { isUnrouted } from "../unrouted";

type Delivery = Schemas["DeliveryWithAttempts"];
type Endpoint = Schemas["Endpoint"];

/** State of a delivery in words. */
export interface DeliverySummary {
  type: "success" | "info" | "warning" | "error";
  title: string;
  /** Next step for the user, or the next automatic step. */
  advice?: string;
  /** Reason of the last failed attempt, if `title` does not name it. */
  lastAttempt?: string;
  /** Time of the next attempt. */
  next?: string;
}

/**
 * Summarises the state of a delivery. `endpoint` is missing if its URL is no longer configured, or the user may not
 * see endpoints.
 */
export function deliverySummary(delivery: Delivery, endpoint?: Endpoint): DeliverySummary {
  const reason = delivery.lastReason ? reasonLabel(delivery.lastReason) : undefined;
  switch (delivery.status) {
    case "delivered":
      return { type: "success", title: `Acknowledged ${attempts(delivery.attemptCount)}` };
    case "failed": {
      const label = delivery.giveUpReason
        ? giveUpLabel(delivery.giveUpReason)
        : { title: "Failed", advice: undefined };
      return { type: "error", ...label, lastAttempt: reason?.title };
    }
    case "pending": {
      if (isUnrouted(delivery)) {
        return UNROUTED;
      }
      const obstacle = endpoint && endpointObstacle(endpoint);
      if (obstacle) {
        return { ...obstacle, lastAttempt: reason?.title };
      }
      if (!reason) {
        return { type: "info", title: "It is about to be sent", advice: BEHIND };
      }
      const next = delivery.dueAt ?? undefined;
      const advice = `${reason.advice} ${isDeferred(delivery) ? DEFERRED : MISSED}`;
      return { type: "warning", title: reason.title, advice, next };
    }
  }
}

const UNROUTED: DeliverySummary = {
  type: "warning",
  title: "Pending until the callbacks can be read",
  advice:
    "The callbacks of the workspace are damaged, so that the URLs to call are unknown. The event is kept, and is delivered afterwards. Save the callbacks again under Instance Callback URLs, or ask the operator to correct the item, which the log names.",
};
const BEHIND = "If an earlier event of its instance is still pending, it follows that one.";
const DEFERRED =
  "The receiver rejected it three times, so that it was deferred: it is retried for a day, and delays no other delivery.";
const MISSED =
  "It is retried, for a day if its endpoint is healthy. Later events of its instance wait for it, all others continue.";

const attempts = (count: number) => (count === 1 ? "at the first attempt" : `after ${count} attempts`);

/** Returns the endpoint state that keeps its deliveries pending, if any. */
function endpointObstacle({ settings, health }: Endpoint): DeliverySummary | undefined {
  if (health.state === "damaged") {
    return {
      type: "error",
      title: "Pending, because its endpoint's record is damaged",
      advice:
        "It is kept until the record can be read. Resume the endpoint, or ask the operator to correct its record.",
    };
  }
  if (settings.paused) {
    return {
      type: "info",
      title: "Pending, because its endpoint is paused",
      advice: "It is delivered in order when the pause ends.",
    };
  }
  switch (health.state) {
    case "failing":
      return {
        type: "warning",
        title: "Pending, because its endpoint is failing",
        advice: "It is delivered in order once the receiver acknowledges deliveries again.",
        next: health.probeAt,
      };
    case "disabled":
      return {
        type: "error",
        title: "Pending, although its endpoint is disabled",
        advice: "Fix the receiver, then resume the endpoint.",
      };
    case "healthy":
    case "slow":
      return undefined;
  }
}
