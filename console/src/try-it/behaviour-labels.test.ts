import { describe, expect, it } from "vitest";
import { consequence } from "./behaviour-labels";

describe("the effect of the receiver's behaviour", () => {
  it("is a retry that blocks only the instance, for a missed delivery", () => {
    for (const status of [429, 500, 503]) {
      expect(consequence({ answer: "fail", status })).toContain("A delivery that is missed is retried");
    }
    expect(consequence({ answer: "hang" })).toContain("After 5 different deliveries missed in a row");
    expect(consequence({ answer: "slow", delayMs: 15_000 })).toContain("Later events of its instance wait");
  });

  it("is a deferral, for a rejected delivery", () => {
    for (const status of [301, 404]) {
      expect(consequence({ answer: "fail", status })).toContain("three times, a second apart, then deferred");
    }
    expect(consequence({ answer: "fail", status: 410 })).toContain("disabled at once");
  });

  it("is a slow endpoint, for late responses", () => {
    expect(consequence({ answer: "slow", delayMs: 3_000 })).toContain("250 ms is slow");
  });
});
