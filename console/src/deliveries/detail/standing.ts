import type { Schemas } from "../../api/client";
import { givenUpWords, reasonWords } from "../../words/reasons";
import type { Delivery } from "../log";

type Endpoint = Schemas["EndpointBody"];

/** Where a delivery stands, in plain words. */
export interface Standing {
  type: "success" | "info" | "warning" | "error";
  what: string;
  /** What to do about it, or what happens by itself. */
  todo?: string;
  /** When it is tried again. */
  next?: string;
}

/** `endpoint` is missing when its URL is not configured any more, or the viewer may not see endpoints. */
export function standingOf(delivery: Delivery, endpoint?: Endpoint): Standing {
  const { status, givenUp, lastReason, attemptCount } = delivery;
  if (status === "delivered") {
    const attempts = attemptCount === 1 ? "at the first attempt" : `after ${attemptCount} attempts`;
    return { type: "success", what: `The receiver took it ${attempts}` };
  }
  if (status === "failed") {
    const { what, todo } = givenUp
      ? givenUpWords(givenUp)
      : { what: "Given up", todo: "Repair the receiver, then replay it." };
    return { type: "error", what, todo };
  }
  const obstacle = endpoint && obstacleOf(endpoint);
  if (obstacle) {
    return obstacle;
  }
  if (!lastReason) {
    return { type: "info", what: "It is about to be sent" };
  }
  const { what, todo } = reasonWords(lastReason);
  const next = delivery.dueAt ?? undefined;
  return next
    ? {
        type: "warning",
        what: `${what}. It is tried again on its own, for a day; it holds no other delivery up`,
        todo,
        next,
      }
    : { type: "warning", what: `${what}. It is tried again soon`, todo };
}

/** What of the endpoint keeps its deliveries waiting. */
function obstacleOf({ settings, health }: Endpoint): Standing | undefined {
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
      return undefined;
  }
}
