import { describe, expect, it } from "vitest";
import { changesOf } from "./changes";
import { csvOf } from "./csv";
import type { Entry } from "./labels";
import { urlText } from "./states";

const A = { origin: "https://a.example", path: "/", endpointID: "a1" };
const B = { origin: "https://b.example", path: "/", endpointID: "b2" };
const C = { origin: "https://c.example", path: "/", endpointID: "c3" };
const OFF = { enabled: false, urls: [] };

const entryOf = (action: Entry["action"], from: unknown, to: unknown): Entry => ({
  id: "1",
  at: "2026-01-01T00:00:00Z",
  caller: { id: "me", name: null },
  action,
  from,
  to,
});

function linesOf(action: Entry["action"], from: unknown, to: unknown): string[] {
  return changesOf(entryOf(action, from, to)).map(({ eventTypes, old, url, text }) =>
    [eventTypes.join("+"), old?.endpointID, text, url?.endpointID].filter(Boolean).join(" "),
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
      "deleted added a1",
    ]);
  });

  it("list the same change of several event types once", () => {
    const all = { enabled: true, urls: [A] };
    expect(linesOf("callbacks.set", null, { created: all, updated: all, deleted: all })).toEqual([
      "created+updated+deleted turned on",
      "created+updated+deleted added a1",
    ]);
  });

  it("pair a URL with the one in its line", () => {
    const after = { ...before, created: { enabled: true, urls: [C, B] } };
    expect(linesOf("callbacks.set", before, after)).toEqual(["created a1 replaced c3"]);
  });

  it("pair a URL with the one that replaces it, wherever it stands", () => {
    const after = { ...before, created: { enabled: true, urls: [B, C] }, replaces: [{ from: A, to: C }] };
    expect(linesOf("callbacks.set", before, after)).toEqual(["created a1 replaced c3"]);
  });

  it("pair nothing when lines were added or removed", () => {
    const after = { ...before, created: { enabled: true, urls: [C] } };
    expect(linesOf("callbacks.set", before, after)).toEqual([
      "created a1 removed",
      "created b2 removed",
      "created added c3",
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
  it("list each changed setting with its value before and after", () => {
    const from = { endpoint: A, paused: false, processNames: [], maxPerSecond: null };
    const to = { endpoint: A, paused: true, processNames: ["Order", "Invoice"], maxPerSecond: 5 };
    expect(linesOf("endpoint.changed", from, to)).toEqual([
      "paused a1",
      "processes: all → Order, Invoice a1",
      "rate limit: none → 5 per second a1",
    ]);
  });

  it("count the process names of a long list that are not listed", () => {
    const from = { endpoint: A, paused: false, processNames: ["Order"], maxPerSecond: null };
    const to = { ...from, processNamesLeftOut: 90 };
    expect(linesOf("endpoint.changed", from, to)).toEqual(["processes: Order → Order and 90 more a1"]);
  });

  it("list changed attributes and conditions, which are left out if there are none", () => {
    const from = { endpoint: A, paused: false, processNames: [], maxPerSecond: null };
    const changed = ["status", "customer.country"];
    const to = { ...from, changed, where: { status: ["Approved", { prefix: "Rej" }], priority: ["1"] } };
    expect(linesOf("endpoint.changed", from, to)).toEqual([
      "changed attributes: all → status, customer.country a1",
      "conditions: none → status is Approved or begins with Rej, and priority is 1 a1",
    ]);
    expect(linesOf("endpoint.changed", to, { ...to, where: { status: ["Approved"] } })).toEqual([
      "conditions: status is Approved or begins with Rej, and priority is 1 → status is Approved a1",
    ]);
    expect(linesOf("endpoint.changed", to, to)).toEqual([]);
  });

  it("list secret headers without a value, and what is sent while events wait", () => {
    const from = { endpoint: A, paused: false, processNames: [], maxPerSecond: null };
    const to = { ...from, onBacklog: "latest", secretHeaders: { authorization: "2026-01-31T12:00:00Z" } };
    expect(linesOf("endpoint.changed", from, to)).toEqual([
      "while events wait: every event → latest only a1",
      "secret header authorization: set a1",
    ]);
    expect(linesOf("endpoint.changed", to, { ...to, secretHeaders: undefined })).toEqual([
      "secret header authorization: removed a1",
    ]);
  });

  it("name the health before a resume", () => {
    const from = { endpoint: A, health: "disabled" };
    expect(linesOf("endpoint.resumed", from, { endpoint: A, health: "failing" })).toEqual([
      "health: disabled → failing a1",
    ]);
  });

  it("name the damaged attributes before a reset", () => {
    const from = { endpoint: A, health: "healthy", damaged: ["paused"] };
    expect(linesOf("endpoint.resumed", from, { endpoint: A, health: "healthy" })).toEqual([
      "health: damaged (paused) → healthy a1",
    ]);
  });
});

describe("signing secrets", () => {
  const alone = (fingerprint: string) => ({ fingerprint, previous: [] });
  const expiresAt = "2026-01-02T00:00:00Z";

  it("say until when the previous one is valid", () => {
    const [current, previous] = linesOf("signing-secret.rotated", alone("f1"), {
      fingerprint: "f2",
      previous: [{ fingerprint: "f1", expiresAt }],
    });
    expect(current).toBe("f2 is the new key");
    expect(previous).toMatch(/^f1 valid until .*2026/);
  });

  it("list those that are revoked", () => {
    const from = { fingerprint: "f2", previous: [{ fingerprint: "f1", expiresAt }] };
    const of = (state: object) => ({ ...state, endpoint: A });
    expect(linesOf("signing-secret.set", of(from), of(alone("f3")))).toEqual([
      "f3 is the new secret a1",
      "f2 revoked a1",
      "f1 revoked a1",
    ]);
  });

  it("name the first one", () => {
    expect(linesOf("signing-secret.created", null, alone("f1"))).toEqual(["f1 is the new key"]);
  });
});

describe("a URL", () => {
  const endpointID = "0123456789abcdef";

  it("has its ID where it may look like another one", () => {
    const text = (path?: string) => urlText({ origin: "https://a.example", path, endpointID });
    expect(text("/hook?x=")).toBe("https://a.example/hook?x=");
    expect(text("/hook?token=…")).toBe("https://a.example/hook?token=… (01234567)");
    expect(text()).toBe("https://a.example (01234567)");
  });
});

describe("the export", () => {
  it("has a line for each change, and no formula", () => {
    const before = { created: { enabled: true, urls: [A] }, updated: OFF, deleted: OFF };
    const after = { ...before, created: { enabled: true, urls: [B] }, updated: { enabled: true, urls: [] } };
    const entry = { ...entryOf("callbacks.set", before, after), caller: { id: "me", name: '=1+"x", y' } };
    expect(
      csvOf([
        entry,
        entryOf("endpoint.resumed", { endpoint: A, health: "failing" }, { endpoint: A, health: "healthy" }),
      ]),
    ).toBe(
      [
        "Time,Caller ID,Caller,Action,Event types,Change,URL before,URL,Entry ID",
        `2026-01-01T00:00:00Z,me,"'=1+""x"", y",Updated callback URLs,created,replaced,https://a.example/,https://b.example/,1`,
        `2026-01-01T00:00:00Z,me,"'=1+""x"", y",Updated callback URLs,updated,turned on,,,1`,
        "2026-01-01T00:00:00Z,me,,Resumed an endpoint,,health: failing → healthy,,https://a.example/,1",
        "",
      ].join("\r\n"),
    );
  });
});
