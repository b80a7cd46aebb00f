import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api/client";
import { omittedLabel, rowsOf } from "./attempt-rows";

const AT = "2026-01-31T12:00:00Z";

const attempt = (number: number, body = "", status: number | null = 503): Schemas["Attempt"] => ({
  at: AT,
  body,
  detail: null,
  headers: [],
  latencyMs: 1,
  number,
  reason: status === null ? "timeout" : "status",
  status,
});

/** Returns attempt numbers, and the labels of omitted attempts. */
const shown = (numbers: number[], count: number) =>
  rowsOf(
    numbers.map((number) => attempt(number)),
    count,
  ).map((row) => ("omitted" in row ? omittedLabel(row.omitted) : row.attempt.number));

describe("the list of attempts", () => {
  it("has the latest first, and a gap for attempts not stored", () => {
    expect(shown([1, 981, 982], 982)).toEqual([982, 981, "979 attempts not kept", 1]);
    expect(shown([1, 3], 3)).toEqual([3, "1 attempt not kept", 1]);
    expect(shown([1, 2_001], 2_001)).toEqual([2_001, "1,999 attempts not kept", 1]);
  });

  it("has no gap while all attempts are stored", () => {
    expect(shown([1, 2, 3], 3)).toEqual([3, 2, 1]);
    expect(shown([], 0)).toEqual([]);
  });

  it("says that bodies before the last three are not stored", () => {
    const attempts = [attempt(1), attempt(2, "", null), attempt(3), attempt(4, "no"), attempt(5)];
    const omitted = rowsOf(attempts, 5).map((row) => "attempt" in row && row.bodyOmitted);
    expect(omitted, "the latest first; the second had no answer").toEqual([false, false, false, false, true]);
    expect(rowsOf([attempt(1, "kept by an earlier release")], 9).at(-1)).toMatchObject({
      bodyOmitted: false,
    });
  });
});
