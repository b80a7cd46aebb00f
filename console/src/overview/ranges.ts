const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Range {
  /** As the address has it. */
  id: string;
  text: string;
  seconds: number;
  /** What the beginning is rounded to, so that it moves on only now and then. */
  step: number;
  /** How often a long one is read again, in milliseconds: it is more to count, and changes less. */
  pollMs?: number;
}

const LAST_HOUR: Range = { id: "1h", text: "1 hour", seconds: HOUR, step: MINUTE };

export const RANGES: Range[] = [
  LAST_HOUR,
  { id: "3h", text: "3 hours", seconds: 3 * HOUR, step: 5 * MINUTE, pollMs: 10_000 },
  { id: "12h", text: "12 hours", seconds: 12 * HOUR, step: 15 * MINUTE, pollMs: 30_000 },
  { id: "24h", text: "24 hours", seconds: DAY, step: HOUR, pollMs: 60_000 },
  // The API takes 7 days at most, and its clock may be ahead of this one.
  { id: "7d", text: "7 days", seconds: 7 * DAY - MINUTE, step: 3 * HOUR, pollMs: 300_000 },
];

/** The range of that id; the last hour when there is none. */
export const rangeOf = (id: string | null) => RANGES.find((range) => range.id === id) ?? LAST_HOUR;

/** Where the range begins: never earlier than it says. */
export function sinceOf({ seconds, step }: Range, now: number): string {
  const begin = now / 1_000 - seconds;
  return new Date(Math.ceil(begin / step) * step * 1_000).toISOString();
}
