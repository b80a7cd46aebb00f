/** A time range of the log: from `since` (inclusive) to `until` (exclusive). */
export interface TimeSlice {
  since: string;
  until: string;
  count: number;
}

/**
 * Splits the log into slices of about `size` deliveries, the oldest slice first. Deliveries with the same time stay
 * in one slice, so that each is in exactly one. `times` are the `changedAt` values, the newest first.
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

/** Returns the next millisecond, which is the log's resolution. */
const justAfter = (time: string) => new Date(Date.parse(time) + 1).toISOString();
