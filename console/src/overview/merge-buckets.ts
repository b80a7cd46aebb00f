import type { Schemas } from "../api/client";

type Bucket = Pick<Schemas["BucketBody"], "at" | "delivered" | "pending" | "failed">;

/** Bars have a gap of 4 pixels between them: of many more than this, nothing would be left on a phone. */
const MAX_BARS = 24;

/**
 * Neighbouring buckets added up until a chart has room for them; aligned to the clock, so that bars do not shift. A range
 * has one bucket more from when the clock enters the newest until its beginning moves on: that one is not counted, for
 * the bars would change their width, and what shows one of them would close.
 */
export function mergeBuckets(
  buckets: Bucket[],
  bucketSeconds: number,
): { bars: Bucket[]; barSeconds: number } {
  const barSeconds = bucketSeconds * Math.max(1, Math.ceil((buckets.length - 1) / MAX_BARS));
  const bars: Bucket[] = [];
  for (const { at, delivered, pending, failed } of buckets) {
    const begin = Math.floor(Date.parse(at) / 1_000 / barSeconds) * barSeconds;
    const last = bars.at(-1);
    if (last && Date.parse(last.at) === begin * 1_000) {
      last.delivered += delivered;
      last.pending += pending;
      last.failed += failed;
    } else {
      bars.push({ at: new Date(begin * 1_000).toISOString(), delivered, pending, failed });
    }
  }
  return { bars, barSeconds };
}

/** The newer bars with those in front that were shown and are out of the range by now: each stays at its index. */
export function startingAt<Bar extends { at: string }>(shown: Bar[], newer: Bar[]): Bar[] {
  const gone = shown.findIndex(({ at }) => at === newer[0]?.at);
  return gone > 0 ? [...shown.slice(0, gone), ...newer] : newer;
}
