import { describe, expect, it } from "vitest";
import { consequence } from "./behaviour-labels";

describe("what the receiver's behaviour leads to", () => {
  it("is a retry that only the instance waits for, when a delivery is missed", () => {
    for (const status of [429, 500, 503]) {
      expect(consequence({ answer: "fail", status })).toContain("A delivery that is missed is retried");
    }
    expect(consequence({ answer: "hang" })).toContain("After 5 different deliveries missed in a row");
    expect(consequence({ answer: "slow", delayMs: 15_000 })).toContain("Later events of its instance wait");
  });

  it("is a deferral, when a delivery is rejected", () => {
    for (const status of [301, 404]) {
      expect(consequence({ answer: "fail", status })).toContain("three times, a second apart, then deferred");
    }
    expect(consequence({ answer: "fail", status: 410 })).toContain("disabled at once");
  });

  it("is a slow endpoint, when answers are late", () => {
    expect(consequence({ answer: "slow", delayMs: 3_000 })).toContain("250 ms is slow");
  });
});
