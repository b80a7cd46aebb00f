/** Length of an hour, in milliseconds. */
export const HOUR_MS = 3_600_000;

/** Durations of a pause, in hours. */
const HOURS: Record<string, number> = { "1h": 1, "4h": 4 };

/** Choices of the end of a pause. */
export const PAUSE_ITEMS = [
  { id: "open", text: "Until I resume it" },
  { id: "1h", text: "For 1 hour" },
  { id: "4h", text: "For 4 hours" },
  { id: "date", text: "Until a date…" },
];

/** Returns the end of a pause of that item; `undefined` for a pause without an end. */
export function pauseEnd(item: string, now = Date.now()): string | undefined {
  const hours = HOURS[item];
  return hours === undefined ? undefined : new Date(now + hours * HOUR_MS).toISOString();
}
