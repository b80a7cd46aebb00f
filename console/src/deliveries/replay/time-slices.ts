/** A part of the log by when the instances changed: from `since` on, until before `until`. */
export interface TimeSlice {
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
export function sliceByTime(times: string[], size: number): TimeSlice[] {
  const newestFirst: TimeSlice[] = [];
  let slice: TimeSlice | undefined;
  for (const time of times) {
    if (slice && (slice.count < size || Date.parse(slice.since) === Date.parse(time))) {
      slice.since = time;
      slice.count++;
    } else {
      slice = { since: time, until: justAfter(time), count: 1 };
      newestFirst.push(slice);
    }
  }
  return newestFirst.reverse();
}

/** The log counts in milliseconds. */
const justAfter = (time: string) => new Date(Date.parse(time) + 1).toISOString();
