import type { Schemas } from "../api/client";

type Bucket = Pick<Schemas["StatisticsBucket"], "at" | "delivered" | "pending" | "failed" | "superseded">;

/** Maximum number of bars. With a gap of 4 pixels each, more would not fit on a phone. */
const MAX_BARS = 24;

/**
 * Merges neighbouring buckets until the bars fit the chart. Bars are aligned to the clock, so that they do not shift.
 * A range briefly has one extra bucket, from the start of a new bucket until the range moves on. It is not counted,
 * so that the bars keep their width and an open popover stays open.
 */
export function mergeBuckets(
  buckets: Bucket[],
  bucketSeconds: number,
): { bars: Bucket[]; barSeconds: number } {
  const barSeconds = bucketSeconds * Math.max(1, Math.ceil((buckets.length - 1) / MAX_BARS));
  const bars: Bucket[] = [];
  for (const { at, delivered, pending, failed, superseded } of buckets) {
    const begin = Math.floor(Date.parse(at) / 1_000 / barSeconds) * barSeconds;
    const last = bars.at(-1);
    if (last && Date.parse(last.at) === begin * 1_000) {
      last.delivered += delivered;
      last.pending += pending;
      last.failed += failed;
      last.superseded += superseded;
    } else {
      bars.push({ at: new Date(begin * 1_000).toISOString(), delivered, pending, failed, superseded });
    }
  }
  return { bars, barSeconds };
}

/** Prepends the shown bars that have left the range, so that each bar keeps its index. */
export function startingAt<Bar extends { at: string }>(shown: Bar[], newer: Bar[]): Bar[] {
  const gone = shown.findIndex(({ at }) => at === newer[0]?.at);
  return gone > 0 ? [...shown.slice(0, gone), ...newer] : newer;
}
