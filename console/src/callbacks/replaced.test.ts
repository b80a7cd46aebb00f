import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { choicesFor } from "./conflict-choices";
import { type Callbacks, type Form, formOf } from "./form";
import { mergeFields } from "./merge";
import { affectedEndpoints, callsLess, chosenTwice, replacesOf } from "./replaced";

const [A, B, C] = ["http://a/", "http://b/", "http://c/"];
const base: Callbacks = {
  version: 1,
  created: { enabled: true, urls: [A, B] },
  updated: { enabled: true, urls: [A] },
  deleted: { enabled: false, urls: [] },
};
const with_ = (change: Partial<Form>): Form => ({ ...formOf(base), ...change });
const on = (...urls: string[]) => ({ enabled: true, urls: urls.join("\n") });

const endpoint = (url: string, pending: number, settings: Partial<Schemas["EndpointSettings"]> = {}) =>
  ({
    url,
    backlog: { pending, capped: false },
    settings: {
      paused: false,
      maxPerSecond: null,
      processNames: [],
      changed: [],
      where: {},
      onBacklog: "every",
      secretHeaders: [],
      ...settings,
    },
  }) as Schemas["Endpoint"];

test("an added URL, a new order and another spelling leave nothing behind", () => {
  expect(callsLess(base, with_({ created: on(B, A, C) }))).toBe(false);
  expect(callsLess(base, with_({ created: on("http://A", "http://b") }))).toBe(false);
  expect(callsLess(base, with_({ created: on(A) }))).toBe(true);
  expect(callsLess(base, with_({ updated: { enabled: false, urls: A } }))).toBe(true);
});

test("the URL in the same line is proposed as replacement", () => {
  const [affected, ...others] = affectedEndpoints(base, with_({ created: on(A, C) }), [
    endpoint(A, 3),
    endpoint(B, 41, { maxPerSecond: 7 }),
  ]);
  expect(others).toEqual([]);
  expect(affected).toEqual({
    url: B,
    backlog: { pending: 41, capped: false },
    settings: ["a rate limit of 7 per second"],
    eventTypes: ["created"],
    removed: true,
    candidates: [C],
    proposed: C,
  });
});

test("a URL without pending deliveries and settings needs no question", () => {
  expect(affectedEndpoints(base, with_({ created: on(A, C) }), [endpoint(B, 0)])).toEqual([]);
});

test("the settings that would be lost are named", () => {
  const limits = {
    processNames: ["Order"],
    changed: ["status"],
    where: { status: ["Approved"] },
    onBacklog: "latest" as const,
    secretHeaders: [{ name: "authorization", changedAt: "2026-01-31T12:00:00Z" }],
  };
  const [affected] = affectedEndpoints(base, with_({ created: on(A) }), [endpoint(B, 0, limits)]);
  expect(affected?.settings).toEqual([
    "a selection of processes",
    "a selection of changed attributes",
    "conditions",
    "the choice of the latest only",
    "secret headers (kept only if scheme, host and port are the same)",
  ]);
});

test("a removed URL without an added one has no candidate", () => {
  const [affected] = affectedEndpoints(base, with_({ created: on(A) }), [endpoint(B, 1)]);
  expect(affected).toMatchObject({ url: B, removed: true, candidates: [], proposed: undefined });
});

test("a URL that only moved up is no replacement, and one added URL replaces one of two at most", () => {
  const endpoints = [endpoint(A, 1), endpoint(B, 1)];
  const proposals = (change: Partial<Form>) =>
    affectedEndpoints(base, with_(change), endpoints).map(({ url, proposed }) => [url, proposed]);
  // B is in the line of A now, and C is the only one that was added.
  expect(proposals({ created: on(B, C), updated: on() })).toEqual([[A, C]]);
  expect(proposals({ created: on(), updated: on(C) })).toEqual([
    [A, C],
    [B, undefined],
  ]);
});

test("a URL that another event type keeps cannot be replaced", () => {
  const [affected] = affectedEndpoints(base, with_({ created: on(C, B) }), [endpoint(A, 2)]);
  expect(affected).toMatchObject({ url: A, removed: false, eventTypes: ["created"], candidates: [] });
  const off = affectedEndpoints(base, with_({ updated: { enabled: false, urls: A } }), [endpoint(A, 2)]);
  expect(off).toMatchObject([{ url: A, removed: false, eventTypes: ["updated"] }]);
});

test("choices become the API's replacements, and one URL replaces one other", () => {
  const choices = new Map([
    [A, C],
    [B, undefined],
  ]);
  expect(replacesOf(choices)).toEqual({ [C]: A });
  expect(chosenTwice(choices)).toBeUndefined();
  expect(chosenTwice(new Map(choices).set(B, C))).toBe(C);
});

test("both sides' changes are merged: additions and removals", () => {
  const before = on(A, B);
  expect(mergeFields(before, on(A, B, C), on(B, "http://d/"))).toEqual(on(B, C, "http://d/"));
  const off = { ...before, enabled: false };
  expect(mergeFields(before, on(A), off)).toEqual({ enabled: false, urls: A });
  expect(mergeFields(before, off, on(A, B, C))).toEqual({ enabled: false, urls: `${A}\n${B}\n${C}` });
});

test("both changes are kept unless the toggles differ or one side has them all", () => {
  const [before, theirs, mine] = [on(A), on(A, B), on(A, C)];
  expect(choicesFor(before, theirs, mine)).toMatchObject({ both: on(A, B, C), preselected: "both" });
  const off = { ...mine, enabled: false };
  const differing = choicesFor(before, theirs, off);
  expect(differing).toMatchObject({ both: { ...on(A, B, C), enabled: false }, preselected: undefined });
  expect(choicesFor(before, theirs, on(A, B, C))).toMatchObject({ both: undefined, preselected: undefined });
  expect(choicesFor(before, before, mine)).toMatchObject({ both: undefined, preselected: "mine" });
});
