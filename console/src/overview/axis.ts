const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric" });
const both = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

const SHORT = 3_600;

/** What the axis of time says: the hour, or the day where a bucket is hours long. */
export const tickOf = (bucketSeconds: number) => (at: Date) =>
  bucketSeconds > SHORT ? `${day.format(at)}\n${clock.format(at)}` : clock.format(at);

/** Which time a bucket is of: from when to when. */
export function bucketTime(at: Date, bucketSeconds: number): string {
  return `${both.format(at)} – ${clock.format(at.getTime() + bucketSeconds * 1_000)}`;
}
