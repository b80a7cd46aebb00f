import type { Schemas } from "../api/client";

type Delivery = Schemas["Delivery"];
type Attempt = Schemas["Attempt"];

/** Number of deliveries whose attempts are compared. */
const MAX_CANDIDATES = 3;

/**
 * Returns the deliveries that may have the newest failed attempt. Probes of a failing endpoint repeat its first pending
 * delivery, so that it has the most attempts, however old it is.
 */
export function candidates<D extends Pick<Delivery, "status" | "lastReason" | "attemptCount">>(
  deliveries: D[],
): D[] {
  return deliveries
    .filter(({ status, lastReason }) => status !== "delivered" && lastReason !== null)
    .sort((one, other) => other.attemptCount - one.attemptCount)
    .slice(0, MAX_CANDIDATES);
}

/** Returns the newest of the last attempts, with its delivery. */
export function newestAttempt<D extends { attempts: Pick<Attempt, "at">[] }>(
  deliveries: D[],
): { delivery: D; attempt: D["attempts"][number] } | undefined {
  const last = deliveries.flatMap((delivery) => {
    const attempt = delivery.attempts.at(-1);
    return attempt ? [{ delivery, attempt }] : [];
  });
  return last.sort((one, other) => Date.parse(other.attempt.at) - Date.parse(one.attempt.at))[0];
}
