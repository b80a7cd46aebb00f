const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });
const both = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

const SHORT = 3_600;

/** Returns the formatter of the time axis: the hour, and the day if a bucket is longer than an hour. */
export const tickOf = (bucketSeconds: number) => (at: Date) =>
  bucketSeconds > SHORT ? `${day.format(at)}\n${clock.format(at)}` : clock.format(at);

/** Formats the time range of a bucket. */
export function bucketTime(at: Date, bucketSeconds: number): string {
  return `${both.format(at)} – ${clock.format(at.getTime() + bucketSeconds * 1_000)}`;
}
