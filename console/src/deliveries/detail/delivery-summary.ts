import type { Schemas } from "../../api/client";
import { givenUpWords, reasonWords } from "../../labels/reasons";
import { isDeferred } from "../deferred";
import { isUnrouted } from "../unrouted";

type Delivery = Schemas["DeliveryWithAttempts"];
type Endpoint = Schemas["EndpointBody"];

/** Where a delivery stands, in plain words. */
export interface Standing {
  type: "success" | "info" | "warning" | "error";
  what: string;
  /** What to do about it, or what happens by itself. */
  todo?: string;
  /** What came of the last attempt, where that is not the whole story. */
  lastAttempt?: string;
  /** When it is tried again. */
  next?: string;
}

/** `endpoint` is missing when its URL is not configured any more, or the viewer may not see endpoints. */
export function standingOf(delivery: Delivery, endpoint?: Endpoint): Standing {
  const reason = delivery.lastReason ? reasonWords(delivery.lastReason) : undefined;
  switch (delivery.status) {
    case "delivered":
      return { type: "success", what: `The receiver took it ${attempts(delivery.attemptCount)}` };
    case "failed": {
      const words = delivery.givenUp ? givenUpWords(delivery.givenUp) : { what: "Given up", todo: undefined };
      return { type: "error", ...words, lastAttempt: reason?.what };
    }
    case "pending": {
      if (isUnrouted(delivery)) {
        return UNROUTED;
      }
      const obstacle = endpoint && obstacleOf(endpoint);
      if (obstacle) {
        return { ...obstacle, lastAttempt: reason?.what };
      }
      if (!reason) {
        return { type: "info", what: "It is about to be sent", todo: BEHIND };
      }
      const next = delivery.dueAt ?? undefined;
      const todo = `${reason.todo} ${isDeferred(delivery) ? DEFERRED : MISSED}`;
      return { type: "warning", what: reason.what, todo, next };
    }
  }
}

const UNROUTED: Standing = {
  type: "warning",
  what: "It waits for callbacks that can be read",
  todo: "The callbacks of the workspace are damaged, so that it is not known which URLs to call. It is kept, and is delivered once they can be read. Save them again under Instance Callback URLs, or ask the operator, who finds the item in the log.",
};
const BEHIND = "If an earlier event of its instance is still pending, it follows that one.";
const DEFERRED =
  "The receiver rejected it three times, so that it was deferred: it is retried by itself, for a day, and holds no other delivery up.";
const MISSED =
  "It is retried by itself, for a day if its endpoint works. Later events of its instance wait for it, all others go on.";

const attempts = (count: number) => (count === 1 ? "at the first attempt" : `after ${count} attempts`);

/** What of the endpoint keeps its deliveries waiting. */
function obstacleOf({ settings, health }: Endpoint): Standing | undefined {
  if (health.state === "damaged") {
    return {
      type: "error",
      what: "It waits, because its endpoint's record is damaged",
      todo: "It is kept until the record can be read. Resume the endpoint, or ask the operator to correct its record.",
    };
  }
  if (settings.paused) {
    return {
      type: "info",
      what: "It waits, because its endpoint is paused",
      todo: "It is delivered, in order, when somebody ends the pause.",
    };
  }
  switch (health.state) {
    case "failing":
      return {
        type: "warning",
        what: "It waits, because its endpoint is failing",
        todo: "It is delivered by itself, in order, once the receiver answers again.",
        next: health.probeAt,
      };
    case "disabled":
      return {
        type: "error",
        what: "It waits, but its endpoint is disabled",
        todo: "Repair the receiver, then resume the endpoint.",
      };
    case "healthy":
    case "slow":
      return undefined;
  }
}
