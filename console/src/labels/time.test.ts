import { expect, test } from "vitest";
import { coarseTime, duration, exactTime, relativeTime, shortTime } from "./time";

test("a duration is shown in its largest unit", () => {
  const formatted = [0, 12.4, 999, 1_000, 9_540, 61_000, 5_400_000].map(duration);
  expect(formatted).toEqual(["0 ms", "12 ms", "999 ms", "1 s", "9.5 s", "1 min", "1.5 h"]);
});

test("a time is relative to now, before or after", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const formatted = [
    "2026-01-01T11:59:59.5Z",
    "2026-01-01T11:57:00Z",
    "2026-01-01T14:00:00Z",
    "2025-12-30T11:00:00Z",
  ];
  expect(formatted.map((at) => relativeTime(at, now))).toEqual([
    "now",
    "3 minutes ago",
    "in 2 hours",
    "2 days ago",
  ]);
});

test("a coarse time changes every ten seconds, and one ahead is not too early", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const after = (seconds: number) => coarseTime(new Date(now + seconds * 1_000).toISOString(), now);
  expect([-0.5, -9, -10, -29.9, -59, -61].map(after)).toEqual([
    "just now",
    "just now",
    "10 seconds ago",
    "20 seconds ago",
    "50 seconds ago",
    "1 minute ago",
  ]);
  expect([0.5, 10, 28, 59, 61].map(after)).toEqual([
    "in 10 seconds",
    "in 10 seconds",
    "in 30 seconds",
    "in 1 minute",
    "in 1 minute",
  ]);
});

test("a time has a 24-hour clock, and English months in any browser", () => {
  const evening = new Date(2026, 0, 31, 21, 5, 9, 41).toISOString();
  expect(shortTime(evening)).toBe("31 Jan, 21:05:09");
  expect(exactTime(evening)).toMatch(/^31 Jan 2026, 21:05:09.041 /);
  const midnight = new Date(2026, 0, 31, 0, 5, 9).toISOString();
  expect(shortTime(midnight)).toBe("31 Jan, 00:05:09");
});
