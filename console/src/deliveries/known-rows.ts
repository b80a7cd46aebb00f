import { replaceEqualDeep } from "@tanstack/react-query";
import type { LogPage } from "./log";

/**
 * Returns the latest page with the objects of the page before for deliveries that have not changed, so that their rows
 * are not rendered again, wherever they are now. The same page is the same object. Pure.
 */
export function withKnown(before: LogPage | undefined, latest: LogPage): LogPage {
  if (!before) {
    return latest;
  }
  const known = new Map(before.deliveries.map((delivery) => [delivery.deliveryID, delivery]));
  const deliveries = latest.deliveries.map((delivery) =>
    replaceEqualDeep(known.get(delivery.deliveryID), delivery),
  );
  const isSame =
    latest.next === before.next &&
    deliveries.length === before.deliveries.length &&
    deliveries.every((delivery, index) => delivery === before.deliveries[index]);
  return isSame ? before : { deliveries, next: latest.next };
}
