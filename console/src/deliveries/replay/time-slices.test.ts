import { expect, test } from "vitest";
import { sliceByTime } from "./time-slices";

const second = (number: number) => new Date(Date.UTC(2026, 0, 31, 12, 0, number)).toISOString();
const newestFirst = (...seconds: number[]) => seconds.sort((one, other) => other - one).map(second);

test("the oldest part comes first, and each ends just after its newest", () => {
  expect(sliceByTime(newestFirst(1, 2, 3), 2)).toEqual([
    { since: second(1), until: "2026-01-31T12:00:01.001Z", count: 1 },
    { since: second(2), until: "2026-01-31T12:00:03.001Z", count: 2 },
  ]);
});

test("every time is in exactly one part, however many share it", () => {
  const times = newestFirst(1, 1, 1, 2, 2, 2, 2, 2, 3, 5, 5, 9);
  for (let size = 1; size <= times.length + 1; size++) {
    const slices = sliceByTime(times, size);
    for (const time of times) {
      expect(slices.filter(({ since, until }) => since <= time && time < until)).toHaveLength(1);
    }
    const counted = slices.map(
      ({ since, until }) => times.filter((time) => since <= time && time < until).length,
    );
    expect(slices.map(({ count }) => count)).toEqual(counted);
  }
});

test("an empty log has no slices", () => {
  expect(sliceByTime([], 10)).toEqual([]);
});
