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

  it("list enabled and disabled event types, added and removed URLs", () => {
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

  it("say that only the order has changed", () => {
    const after = { ...before, created: { enabled: true, urls: [B, A] } };
    expect(linesOf("callbacks.set", before, after)).toEqual(["created reordered"]);
  });

  it("without a difference list nothing", () => {
    expect(linesOf("callbacks.set", before, before)).toEqual([]);
  });

  it("count the URLs of a long list that are not listed", () => {
    const from = { ...before, created: { enabled: true, urls: [A, B], urlsLeftOut: 40 } };
    const to = { ...before, created: { enabled: true, urls: [B], urlsLeftOut: 39 } };
    expect(linesOf("callbacks.set", from, to)).toEqual([
      "created a1 removed",
      "created 40 more URLs before and 39 afterwards are not listed",
    ]);
  });

  it("that were reset lose all URLs", () => {
    expect(linesOf("callbacks.reset", before, null)).toEqual([
      "created turned off",
      "created a1 removed",
      "created b2 removed",
    ]);
  });
});

describe("endpoints", () => {
  it("list each changed setting", () => {
    const from = { endpoint: A, paused: false, processNames: [], maxPerSecond: null };
    const to = { endpoint: A, paused: true, processNames: ["Order", "Invoice"], maxPerSecond: 5 };
    expect(linesOf("endpoint.changed", from, to)).toEqual([
      "a1 paused",
      "a1 only Order, Invoice, instead of all processes",
      "a1 at most 5 per second, instead of no limit",
    ]);
  });

  it("count the process names of a long list that are not listed", () => {
    const from = { endpoint: A, paused: false, processNames: ["Order"], maxPerSecond: null };
    const to = { ...from, processNamesLeftOut: 90 };
    expect(linesOf("endpoint.changed", from, to)).toEqual([
      "a1 only Order and 90 more, instead of only Order",
    ]);
  });

  it("name the health before a resume", () => {
    const from = { endpoint: A, health: "disabled" };
    expect(linesOf("endpoint.resumed", from, { endpoint: A, health: "failing" })).toEqual([
      "a1 failing, was disabled",
    ]);
  });

  it("name the damaged attributes before a reset", () => {
    const from = { endpoint: A, health: "healthy", damaged: ["paused"] };
    expect(linesOf("endpoint.resumed", from, { endpoint: A, health: "healthy" })[0]).toContain(
      "healthy, was damaged (paused)",
    );
  });
});

describe("signing secrets", () => {
  const alone = (fingerprint: string) => ({ fingerprint, previous: [] });
  const expiresAt = "2026-01-02T00:00:00Z";

  it("say until when the previous one signs", () => {
    const [signs, too] = linesOf("signing-secret.rotated", alone("f1"), {
      fingerprint: "f2",
      previous: [{ fingerprint: "f1", expiresAt }],
    });
    expect(signs).toBe("f2 signs");
    expect(too).toMatch(/^f1 also signs until .*2026/);
  });

  it("list those that end at once", () => {
    const from = { fingerprint: "f2", previous: [{ fingerprint: "f1", expiresAt }] };
    expect(linesOf("signing-secret.set", from, alone("f3"))).toEqual([
      "f3 signs",
      "f2 no longer signs",
      "f1 no longer signs",
    ]);
  });

  it("name the first one", () => {
    expect(linesOf("signing-secret.created", null, alone("f1"))).toEqual(["f1 signs"]);
  });
});
