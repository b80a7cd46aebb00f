import type { Schemas } from "../api/client";
import type { Endpoint } from "../endpoints/condition";
import { duration } from "../labels/time";
import type { Statistics } from "./use-statistics";

type Bucket = Schemas["StatisticsBucket"];
type Counts = Pick<Bucket, "at" | "delivered" | "pending" | "failed" | "superseded">;

/** Colours that can be told apart in light and dark mode. */
const OUTCOMES = [
  { key: "delivered", title: "Delivered", color: "#2ea597" },
  { key: "pending", title: "Pending", color: "#8c8c94" },
  { key: "failed", title: "Failed", color: "#d63f38" },
  { key: "superseded", title: "Superseded", color: "#b088f5" },
] as const;

const PERCENTILES = [
  { key: "p50Ms", title: "p50", color: "#688ae8" },
  { key: "p95Ms", title: "p95", color: "#c33d69" },
  { key: "p99Ms", title: "p99", color: "#8456ce" },
] as const;

const number = new Intl.NumberFormat("en-GB");
export const count = (n: number) => number.format(n);

/** Number of deliveries: all of the range, or those with this status. */
export type Counted = "counted" | "failed" | "superseded";

/** Returns the filter of the deliveries that a number counts. */
export const filterOf = (counted: Counted, { since, until }: Pick<Statistics, "since" | "until">) => ({
  ...(counted !== "counted" && { status: counted }),
  since,
  until,
});

/** Stands in the place of a figure. */
export const UNKNOWN = "–";

/** Returns whether any delivery was superseded. Few endpoints ask for it, so that it is shown only then. */
export const anySuperseded = (buckets: Counts[]) => buckets.some(({ superseded }) => superseded > 0);

/** Returns one bar series per outcome. */
export function outcomeSeries(buckets: Counts[]) {
  const shown = OUTCOMES.filter(({ key }) => key !== "superseded" || anySuperseded(buckets));
  return shown.map(({ key, title, color }) => ({
    type: "bar" as const,
    title,
    color,
    data: buckets.map((bucket) => ({ x: new Date(bucket.at), y: bucket[key] })),
    valueFormatter: count,
  }));
}

/** Returns the end of a bucket. */
export const endOf = ({ at }: Pick<Bucket, "at">, bucketSeconds: number) =>
  new Date(Date.parse(at) + bucketSeconds * 1_000);

/** Returns one line series per percentile, without empty buckets. */
export function latencySeries(buckets: Bucket[], bucketSeconds: number) {
  const known = (index: number) => Boolean(buckets[index]?.latency);
  return PERCENTILES.map(({ key, title, color }) => ({
    type: "line" as const,
    title,
    color,
    data: buckets.flatMap((bucket, index) => {
      if (!bucket.latency) {
        return [];
      }
      const y = bucket.latency[key];
      // A single point makes no line: an isolated bucket gets a second point at its end.
      const alone = !known(index - 1) && !known(index + 1);
      const ends = alone ? [{ x: new Date(endOf(bucket, bucketSeconds).getTime() - 1), y }] : [];
      return [{ x: new Date(bucket.at), y }, ...ends];
    }),
    valueFormatter: duration,
  }));
}

/** Returns the number of deliveries of a bucket. */
export const totalOf = ({ delivered, pending, failed, superseded }: Counts) =>
  delivered + pending + failed + superseded;

/** Returns the largest total of a bucket, at least 1, so that an empty chart has an axis. */
export function maxTotal(buckets: Counts[]): number {
  return Math.max(1, ...buckets.map(totalOf));
}

export function maxLatency(buckets: Bucket[]): number {
  return Math.max(10, ...buckets.map(({ latency }) => latency?.p99Ms ?? 0));
}

/**
 * Returns the number of deliveries that wait after a failure: the pending ones of the range, and older ones of failing
 * endpoints, whose retries are due within it. Those of paused endpoints are not due.
 */
export function waitingOf(
  { pending }: Pick<Statistics, "pending">,
  endpoints: Pick<Endpoint, "health" | "settings" | "backlog">[],
): number {
  const backlog = (wanted: (endpoint: Pick<Endpoint, "health" | "settings">) => boolean) =>
    endpoints.filter(wanted).reduce((sum, { backlog }) => sum + backlog.pending, 0);
  const paused = backlog(({ settings }) => settings.paused);
  const failing = backlog(({ health, settings }) => health.state === "failing" && !settings.paused);
  return Math.max(pending - paused, failing, 0);
}

interface Due extends Pick<Statistics, "delivered" | "failed"> {
  waiting: number;
}

/**
 * Returns the share of due deliveries that were delivered, rounded down so that each failure shows. Superseded ones say
 * nothing about the receiver.
 */
export function successRate({ delivered, failed, waiting }: Due): string {
  const due = delivered + failed + waiting;
  return due === 0 ? UNKNOWN : `${(Math.floor((delivered / due) * 10_000) / 100).toString()}%`;
}
