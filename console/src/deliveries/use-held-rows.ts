import { useHeld } from "../components/use-held";
import type { Delivery } from "./log";

/**
 * Returns the rows to show. While `hold` is true they stay in their places: those that are still in the latest page are
 * updated, new ones are only counted. Another `key`, such as another filter, begins again.
 */
export function useHeldRows(latest: Delivery[], hold: boolean, key: string) {
  const { held, renew } = useHeld(latest, hold, [key]);
  return { ...(held ? heldRows(held, latest) : { rows: latest, added: 0 }), show: renew };
}

/** Returns the held rows as they are now, and the number of new ones. Pure. */
export function heldRows(held: readonly Delivery[], latest: Delivery[]) {
  const now = new Map(latest.map((delivery) => [delivery.deliveryID, delivery]));
  const known = new Set(held.map(({ deliveryID }) => deliveryID));
  // When a row no longer matches the filter, an older one takes the last place of the page: it is not new.
  const newest = Math.max(...held.map(({ changedAt }) => Date.parse(changedAt)));
  const isNew = ({ deliveryID, changedAt }: Delivery) =>
    !known.has(deliveryID) && Date.parse(changedAt) >= newest;
  return {
    rows: held.map((delivery) => now.get(delivery.deliveryID) ?? delivery),
    added: latest.filter(isNew).length,
  };
}
