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
}

/**
 * Summarises the state of a delivery. `endpoint` is missing if its URL is no longer configured, or the user may not
 * see endpoints.
 */
export function deliverySummary(delivery: Delivery, endpoint?: Endpoint): DeliverySummary {
  const { lastReason, lastStatus, giveUpReason, attemptCount } = delivery;
  const reason = lastReason ? reasonLabel(lastReason, lastStatus) : undefined;
  switch (delivery.status) {
    case "delivered":
      return { type: "success", title: `Delivered ${attempts(attemptCount)}` };
    case "failed": {
      const { title, advice } = giveUpReason ? giveUpLabel(giveUpReason) : { title: "Failed" };
      return { type: "error", title, advice };
    }
    case "superseded":
      return { type: "info", title: "Superseded", advice: SUPERSEDED };
    case "pending": {
      const obstacle = isUnrouted(delivery) ? UNROUTED : endpoint && endpointObstacle(endpoint);
      if (obstacle) {
        return obstacle;
      }
      if (!reason) {
        return { type: "info", title: "Waiting to be sent", advice: BEHIND };
      }
      const advice = `${reason.advice} ${isDeferred(delivery) ? DEFERRED : MISSED}`;
      return { type: "warning", title: reason.title, advice };
    }
  }
}

const UNROUTED: DeliverySummary = {
  type: "warning",
  title: "Waiting: the callbacks cannot be read",
  advice:
    "The callbacks of the workspace are damaged, so that the URLs to call are unknown. The event is kept, and is delivered afterwards. Save the callbacks again under Instance Callback URLs, or ask the operator to correct the item, which the log names.",
};
const SUPERSEDED =
  "Not sent: a later change of this instance was waiting too, and the endpoint asks for the latest only.";
const BEHIND = "If an earlier event of its instance is still pending, it follows that one.";
const DEFERRED =
  "After three rejections it will be retried automatically for a day, and does not block other deliveries.";
const MISSED =
  "It will be retried automatically, for a day if its endpoint is healthy. Later events of its instance wait for it, all others continue.";

const attempts = (count: number) => (count === 1 ? "on the first attempt" : `after ${count} attempts`);

/** Returns the endpoint state that keeps its deliveries pending, if any. */
function endpointObstacle({ settings, health }: Endpoint): DeliverySummary | undefined {
  if (health.state === "damaged") {
    return {
      type: "error",
      title: "Waiting: the endpoint's record is damaged",
      advice:
        "It is kept until the record can be read. Re-enable the endpoint, or ask the operator to correct its record.",
    };
  }
  if (settings.paused) {
    return {
      type: "info",
      title: "Waiting: the endpoint is paused",
      advice: "It will be delivered in order when the endpoint is resumed.",
    };
  }
  switch (health.state) {
    case "failing":
      return {
        type: "warning",
        title: "Waiting: the endpoint is failing",
        advice: "It will be delivered in order once the receiver accepts deliveries again.",
      };
    case "disabled":
      return {
        type: "error",
        title: "Waiting: the endpoint is disabled",
        advice: "Fix the receiver, then re-enable the endpoint.",
      };
    case "healthy":
    case "slow":
      return undefined;
  }
}
