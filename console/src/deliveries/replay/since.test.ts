import { expect, test } from "vitest";
import { localTime, startsOf } from "./since";

const NOW = Date.parse("2026-01-31T12:00:00Z");

test("of an outage of more than a day the time shortly before it is offered first", () => {
  const failing = (failingSince: string) => ({
    health: {
      state: "failing" as const,
      failingSince,
      failedProbes: 2,
      probeAt: failingSince,
      warned: false,
    },
  });
  expect(startsOf(failing("2026-01-29T09:27:00Z"), NOW).map(({ id, since }) => [id, since])).toEqual([
    ["outage", "2026-01-29T08:27:00.000Z"],
    ["24h", "2026-01-30T12:00:00.000Z"],
    ["1h", "2026-01-31T11:00:00.000Z"],
    ["all", undefined],
    ["own", undefined],
  ]);
  expect(startsOf(failing("2026-01-31T09:27:00Z"), NOW)[0].id).toBe("24h");
});

test("of a disabled endpoint everything is offered first, of another one the last day", () => {
  const disabledSince = "2026-01-31T09:27:00Z";
  const disabled = { state: "disabled" as const, disabledSince, reason: "gone" as const };
  expect(startsOf({ health: disabled }, NOW).map(({ id }) => id)).toEqual(["all", "24h", "1h", "own"]);
  expect(startsOf({ health: { state: "healthy" } }, NOW)[0].id).toBe("24h");
});

test("a time of one's own is local, midnight unless a time is given", () => {
  expect(localTime("2026-01-31", "14:05")).toBe(new Date(2026, 0, 31, 14, 5).toISOString());
  expect(localTime("2026-01-31", "")).toBe(new Date(2026, 0, 31).toISOString());
  for (const [date, time] of [
    ["", "14:00"],
    ["2026-01", "14:00"],
    ["2026-01-31", "14:"],
    ["2026-02-31x", ""],
  ] as const) {
    expect(localTime(date, time), `${date} ${time}`).toBeUndefined();
  }
});
