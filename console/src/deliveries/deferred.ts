import type { Schemas } from "../api/client";

type Delivery = Pick<Schemas["DeliveryWithAttempts"], "status" | "dueAt" | "attempts">;

/** Number of rejections after which a delivery is deferred. */
const REJECTIONS = 3;

/** Returns `true` if a pending delivery is deferred. Later events of its instance are delivered before it. */
export function isDeferred({ status, dueAt, attempts }: Delivery): boolean {
  return status === "pending" && dueAt !== null && attempts.filter(isRejection).length >= REJECTIONS;
}

/** Returns `true` if the receiver rejected the delivery: not for 5xx, 429 or a missing response. */
function isRejection({ reason, status }: Schemas["Attempt"]): boolean {
  return (reason === "status" || reason === "redirect") && status !== null && status < 500 && status !== 429;
}
