/** The console is in English with a 24-hour clock, whatever the browser's language. */
export const LOCALE = "en-GB";

const exact = new Intl.DateTimeFormat(LOCALE, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  hourCycle: "h23",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  timeZoneName: "short",
});
const short = new Intl.DateTimeFormat(LOCALE, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  hourCycle: "h23",
  minute: "2-digit",
  second: "2-digit",
});
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Formats a time with milliseconds and time zone. */
export const exactTime = (at: string) => exact.format(new Date(at));

/** Formats a time to the second, without the year. */
export const shortTime = (at: string) => short.format(new Date(at));

/** Formats a relative time: `3 minutes ago`, `in 2 hours`. */
export function relativeTime(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** Number of seconds in a step of a coarse time. */
const STEP = 10;

/**
 * Formats a relative time in steps of ten seconds: `just now`, `20 seconds ago`, `in 30 seconds`. A time ahead is rounded
 * up.
 */
export function coarseTime(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Math.abs(seconds) >= 60) {
    return relativeTime(at, now);
  }
  const steps = seconds > 0 ? Math.ceil(seconds / STEP) : Math.trunc(seconds / STEP);
  if (steps * STEP === 60) {
    return relative.format(1, "minute");
  }
  return steps === 0 ? "just now" : relative.format(steps * STEP, "second");
}

/** Formats a duration: `340 ms`, `9.5 s`, `2 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) {
    return `${Math.round(milliseconds)} ms`;
  }
  if (milliseconds < 60_000) {
    return `${Number((milliseconds / 1_000).toFixed(1))} s`;
  }
  if (milliseconds < 3_600_000) {
    return `${Math.round(milliseconds / 60_000)} min`;
  }
  return `${Number((milliseconds / 3_600_000).toFixed(1))} h`;
}
