import type { Schemas } from "../api/client";
import type { Endpoint } from "./condition";

type Delivery = Schemas["Delivery"];
type Attempt = Schemas["Attempt"];

/** Number of deliveries whose attempts are compared. */
const MAX_CANDIDATES = 3;

/** Tolerance between the time of an attempt and the endpoint's time of it. */
const TOLERANCE_MS = 1_000;

/** Returns whether the delivery has the endpoint's newest failed attempt. */
export function isNewest(
  { lastFailureAt }: Pick<Endpoint, "lastFailureAt">,
  delivery: { attempts: Pick<Attempt, "at">[] } | undefined,
): boolean {
  const at = delivery?.attempts.at(-1)?.at;
  return (
    at !== undefined && (lastFailureAt === null || Date.parse(at) >= Date.parse(lastFailureAt) - TOLERANCE_MS)
  );
}

/** Returns deliveries that may have the newest failed attempt if the endpoint does not name it: it began to fail. */
export function candidates<D extends Pick<Delivery, "status" | "lastReason">>(deliveries: D[]): D[] {
  return deliveries
    .filter(({ status, lastReason }) => status !== "delivered" && lastReason !== null)
    .slice(0, MAX_CANDIDATES);
}

/** Returns the newest of the last attempts, with its delivery. */
export function newestAttempt<A extends Pick<Attempt, "at">, D extends { attempts: A[] }>(
  deliveries: (D & { attempts: A[] })[],
): { delivery: D; attempt: A } | undefined {
  const last = deliveries.flatMap((delivery) => {
    const attempt = delivery.attempts.at(-1);
    return attempt ? [{ delivery, attempt }] : [];
  });
  return last.sort((one, other) => Date.parse(other.attempt.at) - Date.parse(one.attempt.at))[0];
}
