import { expect, test } from "vitest";
import { mergeBuckets, startingAt } from "./merge-buckets";
import { RANGES, rangeOf, sinceOf } from "./ranges";
import { latencySeries, maxTotal, outcomeSeries, successRate, waitingOf } from "./series";

const NOON = Date.parse("2026-01-31T12:00:30Z");
const LATENCY = { p50Ms: 10, p95Ms: 20, p99Ms: 30 };

const bucketsOf = (count: number, seconds: number, first = NOON) =>
  Array.from({ length: count }, (_, index) => ({
    at: new Date((Math.floor(first / 1_000 / seconds) + index) * seconds * 1_000).toISOString(),
    delivered: index,
    pending: 1,
    failed: 2,
    superseded: 0,
    latency: null as typeof LATENCY | null,
  }));

test("bars add up to the buckets, and fit the chart", () => {
  for (const count of [0, 1, 29, 30, 31, 56, 60, 61]) {
    const buckets = bucketsOf(count, 60);
    const { bars, barSeconds } = mergeBuckets(buckets, 60);
    const sum = (of: { delivered: number }[]) => of.reduce((all, { delivered }) => all + delivered, 0);
    expect(sum(bars)).toBe(sum(buckets));
    expect(bars.reduce((all, { pending }) => all + pending, 0)).toBe(count);
    expect(bars.reduce((all, { failed }) => all + failed, 0)).toBe(2 * count);
    expect(bars.length).toBeLessThanOrEqual(25);
    expect(bars.every(({ at }) => Date.parse(at) % (barSeconds * 1_000) === 0)).toBe(true);
  }
});

test("a bar does not shift when the range moves on", () => {
  const early = mergeBuckets(bucketsOf(60, 60), 60).bars.map(({ at }) => at);
  const later = mergeBuckets(bucketsOf(60, 60, NOON + 60_000), 60).bars.map(({ at }) => at);
  expect(later.filter((at) => early.includes(at)).length).toBeGreaterThanOrEqual(19);
});

test("bars keep their width while a range has an extra bucket", () => {
  for (const { length, seconds } of [
    { length: 60, seconds: 60 },
    { length: 36, seconds: 300 },
    { length: 48, seconds: 900 },
    { length: 24, seconds: 3_600 },
    { length: 56, seconds: 10_800 },
  ]) {
    const width = (count: number) => mergeBuckets(bucketsOf(count, seconds), seconds).barSeconds;
    expect(width(length + 1), `${length} buckets`).toBe(width(length));
  }
});

test("a bar keeps its index while the range moves on", () => {
  const shown = bucketsOf(4, 60);
  const newer = bucketsOf(4, 60, NOON + 120_000);
  const at = (buckets: { at: string }[]) => buckets.map((bucket) => bucket.at);
  expect(at(startingAt(shown, newer))).toEqual([...at(shown).slice(0, 2), ...at(newer)]);
  expect(startingAt(shown, newer).slice(2)).toEqual(newer);
  expect(startingAt(shown, shown)).toEqual(shown);
  expect(startingAt([], newer)).toEqual(newer);
  expect(startingAt(shown, [])).toEqual([]);
});

test("a range is never longer than stated, and at most a step shorter", () => {
  for (const range of RANGES) {
    const seconds = (NOON - Date.parse(sinceOf(range, NOON))) / 1_000;
    expect(seconds).toBeLessThanOrEqual(range.seconds);
    expect(seconds).toBeGreaterThan(range.seconds - range.step);
    expect(rangeOf(range.id)).toBe(range);
  }
  expect(rangeOf("1 year").id).toBe("1h");
  expect(rangeOf(null).id).toBe("1h");
});

test("superseded deliveries have a series of bars only if there are any", () => {
  const buckets = bucketsOf(2, 60);
  const titles = (of: typeof buckets) => outcomeSeries(of).map(({ title }) => title);
  expect(titles(buckets)).toEqual(["Delivered", "Pending", "Failed"]);
  const [first, ...rest] = buckets.map((bucket) => ({ ...bucket, superseded: 9 }));
  expect(titles([...buckets, ...rest])).toEqual(["Delivered", "Pending", "Failed", "Superseded"]);
  expect(maxTotal(first ? [first] : [])).toBe(12);
  expect(
    mergeBuckets(
      bucketsOf(60, 60).map((bucket) => ({ ...bucket, superseded: 1 })),
      60,
    ).bars[1],
  ).toMatchObject({
    pending: 3,
    superseded: 3,
  });
});

test("a single failure is not rounded away", () => {
  const rate = (delivered: number, failed: number, waiting = 0) =>
    successRate({ delivered, failed, waiting });
  expect([rate(0, 0), rate(3, 0), rate(99_999, 1), rate(2, 1)]).toEqual(["–", "100%", "99.99%", "66.66%"]);
  expect([rate(0, 0, 5), rate(99_999, 0, 1), rate(150, 9, 277)]).toEqual(["0%", "99.99%", "34.4%"]);
});

test("deliveries of failing endpoints wait, those of paused endpoints are not due", () => {
  const endpoint = (state: "healthy" | "failing", pending: number, paused = false) => ({
    health: { state, failingSince: "", probeAt: "", failedProbes: 0, warned: false },
    settings: {
      paused,
      pausedUntil: null,
      processNames: [],
      changed: [],
      where: {},
      onBacklog: "every" as const,
      secretHeaders: [],
      maxPerSecond: null,
      name: null,
      description: null,
      contact: null,
    },
    backlog: { pending, capped: false },
  });
  const failing = endpoint("failing", 30);
  expect(waitingOf({ pending: 30 }, [failing, endpoint("healthy", 0)])).toBe(30);
  expect(waitingOf({ pending: 0 }, [failing])).toBe(30);
  expect(waitingOf({ pending: 12 }, [endpoint("healthy", 12, true)])).toBe(0);
  expect(waitingOf({ pending: 42 }, [failing, endpoint("failing", 12, true)])).toBe(30);
  expect(waitingOf({ pending: 7 }, [])).toBe(7);
});

test("an isolated latency is a line too, and a gap is not zero", () => {
  const [first, second, third, fourth] = bucketsOf(4, 60);
  if (!first || !second || !third || !fourth) {
    throw new Error("there are four");
  }
  const alone = { ...second, latency: LATENCY };
  const points = (buckets: (typeof first)[]) => latencySeries(buckets, 60)[0]?.data;
  expect(points([first, alone, third])).toEqual([
    { x: new Date(alone.at), y: 10 },
    { x: new Date(Date.parse(alone.at) + 59_999), y: 10 },
  ]);
  const pair = [alone, { ...third, latency: LATENCY }];
  expect(points([first, ...pair, fourth])?.map(({ x }) => x)).toEqual(pair.map(({ at }) => new Date(at)));
});
