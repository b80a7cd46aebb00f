import { describe, expect, it } from "vitest";
import { changesOf } from "./changes";
import type { Entry } from "./labels";

const A = { origin: "https://a.example", endpointID: "a1" };
const B = { origin: "https://b.example", endpointID: "b2" };
const OFF = { enabled: false, urls: [] };

function linesOf(action: Entry["action"], from: unknown, to: unknown): string[] {
  const entry = { id: "1", at: "2026-01-01T00:00:00Z", caller: { id: "me", name: null }, action, from, to };
  return changesOf(entry).map(({ about, endpoint, text }) =>
    [about, endpoint?.endpointID, text].filter(Boolean).join(" "),
  );
}

describe("callbacks", () => {
  const before = { created: { enabled: true, urls: [A, B] }, updated: OFF, deleted: OFF };

  it("say which event type was turned on or off, and which URLs came and went", () => {
    const after = {
      ...before,
      created: { enabled: false, urls: [B] },
      deleted: { enabled: true, urls: [A] },
    };
    expect(linesOf("callbacks.set", before, after)).toEqual([
      "created turned off",
      "created a1 removed",
      "deleted turned on",
      "deleted a1 added",
    ]);
  });

  it("say that only the order is another one", () => {
    const after = { ...before, created: { enabled: true, urls: [B, A] } };
    expect(linesOf("callbacks.set", before, after)).toEqual(["created put in another order"]);
  });

  it("that were set to what they were say nothing", () => {
    expect(linesOf("callbacks.set", before, before)).toEqual([]);
  });

  it("say how many URLs of a long list are not named", () => {
    const from = { ...before, created: { enabled: true, urls: [A, B], urlsLeftOut: 40 } };
    const to = { ...before, created: { enabled: true, urls: [B], urlsLeftOut: 39 } };
    expect(linesOf("callbacks.set", from, to)).toEqual([
      "created a1 removed",
      "created 40 more URLs before and 39 afterwards are not listed",
    ]);
  });

  it("that were reset lose everything", () => {
    expect(linesOf("callbacks.reset", before, null)).toEqual([
      "created turned off",
      "created a1 removed",
      "created b2 removed",
    ]);
  });
});

describe("endpoints", () => {
  it("say each setting that is another one", () => {
    const from = { endpoint: A, paused: false, processNames: [], maxPerSecond: null };
    const to = { endpoint: A, paused: true, processNames: ["Order", "Invoice"], maxPerSecond: 5 };
    expect(linesOf("endpoint.changed", from, to)).toEqual([
      "a1 paused",
      "a1 only Order, Invoice, instead of all processes",
      "a1 at most 5 a second, instead of as fast as it answers",
    ]);
  });

  it("say how many names of a long list are not shown", () => {
    const from = { endpoint: A, paused: false, processNames: ["Order"], maxPerSecond: null };
    const to = { ...from, processNamesLeftOut: 90 };
    expect(linesOf("endpoint.changed", from, to)).toEqual([
      "a1 only Order and 90 more, instead of only Order",
    ]);
  });

  it("say how they stood before they were resumed", () => {
    const from = { endpoint: A, health: "disabled" };
    expect(linesOf("endpoint.resumed", from, { endpoint: A, health: "failing" })).toEqual([
      "a1 failing, was disabled",
    ]);
  });

  it("say which attributes could not be read before they were set back", () => {
    const from = { endpoint: A, health: "healthy", damaged: ["paused"] };
    expect(linesOf("endpoint.resumed", from, { endpoint: A, health: "healthy" })[0]).toContain(
      "healthy, was damaged (paused)",
    );
  });
});

describe("signing secrets", () => {
  const alone = (fingerprint: string) => ({ fingerprint, previous: [] });
  const expiresAt = "2026-01-02T00:00:00Z";

  it("say until when the one before goes on", () => {
    const [signs, too] = linesOf("signing-secret.rotated", alone("f1"), {
      fingerprint: "f2",
      previous: [{ fingerprint: "f1", expiresAt }],
    });
    expect(signs).toBe("f2 signs");
    expect(too).toMatch(/^f1 signs too until .*2026/);
  });

  it("say which end at once", () => {
    const from = { fingerprint: "f2", previous: [{ fingerprint: "f1", expiresAt }] };
    expect(linesOf("signing-secret.set", from, alone("f3"))).toEqual([
      "f3 signs",
      "f2 signs no more",
      "f1 signs no more",
    ]);
  });

  it("say which was the first", () => {
    expect(linesOf("signing-secret.made", null, alone("f1"))).toEqual(["f1 signs"]);
  });
});
