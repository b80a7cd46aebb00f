const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Range {
  /** Value of the URL parameter. */
  id: string;
  text: string;
  seconds: number;
  /** Rounding of the start, in seconds, so that it moves only now and then. */
  step: number;
  /** Polling interval in milliseconds. Long ranges are counted less often: they cost more and change less. */
  pollMs?: number;
}

const LAST_HOUR: Range = { id: "1h", text: "1 hour", seconds: HOUR, step: MINUTE };

export const RANGES: Range[] = [
  LAST_HOUR,
  { id: "3h", text: "3 hours", seconds: 3 * HOUR, step: 5 * MINUTE, pollMs: 10_000 },
  { id: "12h", text: "12 hours", seconds: 12 * HOUR, step: 15 * MINUTE, pollMs: 30_000 },
  { id: "24h", text: "24 hours", seconds: DAY, step: HOUR, pollMs: 60_000 },
  // The API allows 7 days, and its clock may be ahead of the browser's.
  { id: "7d", text: "7 days", seconds: 7 * DAY - MINUTE, step: 3 * HOUR, pollMs: 300_000 },
];

/** Returns the range with this ID, or the last hour. */
export const rangeOf = (id: string | null) => RANGES.find((range) => range.id === id) ?? LAST_HOUR;

/** Returns the start of the range, rounded up, so that the range is never longer than stated. */
export function sinceOf({ seconds, step }: Range, now: number): string {
  const begin = now / 1_000 - seconds;
  return new Date(Math.ceil(begin / step) * step * 1_000).toISOString();
}
