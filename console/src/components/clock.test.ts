import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TENS_OF_SECONDS } from "./clock";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Counts the ticks of the clock until the end of `act`. */
function ticks(act: () => void): number {
  let count = 0;
  const unsubscribe = TENS_OF_SECONDS.subscribe(() => {
    count += 1;
  });
  act();
  unsubscribe();
  return count;
}

test("a clock ticks once a step", () => {
  expect(ticks(() => vi.advanceTimersByTime(35_000))).toBe(3);
});

test("a tick that is near comes at once, and the next one a step later", () => {
  const moved = () => {
    vi.advanceTimersByTime(4_000);
    TENS_OF_SECONDS.tickIfNear(); // too early
    vi.advanceTimersByTime(2_000);
    TENS_OF_SECONDS.tickIfNear();
    vi.advanceTimersByTime(9_000);
  };
  expect(ticks(moved)).toBe(1);
  expect(
    ticks(() => {
      moved();
      vi.advanceTimersByTime(1_000);
    }),
  ).toBe(2);
});

test("a clock that is not read does not tick", () => {
  TENS_OF_SECONDS.tickIfNear();
  expect(vi.getTimerCount()).toBe(0);
});
