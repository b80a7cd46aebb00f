import type { Schemas } from "../api/client";

type Delivery = Pick<Schemas["DeliveryWithAttempts"], "status" | "dueAt" | "attempts">;

/** A delivery that is rejected so often is deferred. */
const REJECTIONS = 3;

/** Whether a pending delivery was deferred: it is retried by itself, and later events of its instance go on. */
export function isDeferred({ status, dueAt, attempts }: Delivery): boolean {
  return status === "pending" && dueAt !== null && attempts.filter(isRejection).length >= REJECTIONS;
}

/** Whether the receiver works and does not want the delivery: neither a 5xx nor a 429, nor no response. */
function isRejection({ reason, status }: Schemas["AttemptBody"]): boolean {
  return (reason === "status" || reason === "redirect") && status !== null && status < 500 && status !== 429;
}
