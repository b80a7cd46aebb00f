import type { Schemas } from "../api/client";
import { giveUpLabel, reasonLabel } from "../labels/reasons";
import type { Delivery } from "./log";
import { isUnrouted } from "./unrouted";

type Endpoint = Schemas["Endpoint"];

/** State of a delivery as people see it: the API's `pending` is either retried at a time or waits for something. */
export interface DeliveryState {
  kind: "delivered" | "retrying" | "waiting" | "failed" | "superseded";
  text: string;
  type: "success" | "warning" | "pending" | "error" | "stopped";
  /** Status code or reason of the last failure in at most two words. */
  short?: string;
  /** The whole reason. */
  title?: string;
  /** Time of the next attempt. A time in the past means now. */
  next?: string;
  /** The event that starts the next attempt, if it has no time. */
  nextAfter?: string;
}

const KINDS = {
  delivered: { kind: "delivered", text: "Delivered", type: "success" },
  retrying: { kind: "retrying", text: "Retrying", type: "warning" },
  waiting: { kind: "waiting", text: "Waiting", type: "pending" },
  failed: { kind: "failed", text: "Failed", type: "error" },
  superseded: { kind: "superseded", text: "Superseded", type: "stopped" },
} as const;

/** Returns the state of a delivery. `held` says when its endpoint is called next, if that holds deliveries back. */
export function stateOf(delivery: Delivery, held?: Obstacle): DeliveryState {
  const { status, dueAt, attemptCount } = delivery;
  if (status === "delivered" || status === "superseded") {
    return KINDS[status];
  }
  const reason = lastFailure(delivery);
  if (status === "failed") {
    return { ...KINDS.failed, ...reason };
  }
  const obstacle = isUnrouted(delivery) ? { nextAfter: "When the callbacks can be read" } : held;
  if (obstacle) {
    return { ...KINDS.waiting, ...reason, ...obstacle };
  }
  if (attemptCount > 0 && dueAt !== null) {
    return { ...KINDS.retrying, ...reason, next: dueAt };
  }
  return { ...KINDS.waiting, ...reason };
}

function lastFailure({ lastReason, lastStatus, giveUpReason }: Delivery) {
  const last = lastReason && reasonLabel(lastReason, lastStatus);
  const final = giveUpReason && giveUpLabel(giveUpReason);
  const title = final && last ? `${final.title}. ${last.title}` : (final ?? last)?.title;
  return { short: (last ?? final)?.short, title };
}

/** What a delivery waits for: a time, or an event. */
export type Obstacle = Pick<DeliveryState, "next" | "nextAfter">;

/** Returns when the endpoint is called next, if its condition holds its deliveries back. */
export function obstacleOf({ settings, health }: Endpoint): Obstacle | undefined {
  if (health.state === "damaged" || health.state === "disabled") {
    return { nextAfter: "When it is re-enabled" };
  }
  if (settings.paused) {
    return settings.pausedUntil ? { next: settings.pausedUntil } : { nextAfter: "When it is resumed" };
  }
  return health.state === "failing" ? { next: health.probeAt } : undefined;
}
