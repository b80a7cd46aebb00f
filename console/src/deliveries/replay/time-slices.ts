/** A part of the log by when the instances changed: from `since` on, until before `until`. */
export interface Slice {
  since: string;
  until: string;
  count: number;
}

/**
 * Cuts the log into parts of about `size` deliveries, the oldest part first. What changed at the same time is never
 * parted, so that no delivery is in two parts or in none.
 *
 * `times` are the deliveries' `changedAt`, the newest first.
 */
export function slices(times: string[], size: number): Slice[] {
  const newestFirst: Slice[] = [];
  let part: Slice | undefined;
  for (const time of times) {
    if (part && (part.count < size || Date.parse(part.since) === Date.parse(time))) {
      part.since = time;
      part.count++;
    } else {
      part = { since: time, until: justAfter(time), count: 1 };
      newestFirst.push(part);
    }
  }
  return newestFirst.reverse();
}

/** The log counts in milliseconds. */
const justAfter = (time: string) => new Date(Date.parse(time) + 1).toISOString();
