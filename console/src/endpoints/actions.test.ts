import { expect, test } from "vitest";
import { outcomesNotice } from "./action-texts";
import { actionsOf, allowing } from "./actions";
import type { Endpoint } from "./condition";
import { changesOf, isAbout } from "./history";
import { nameOf, shortUrl } from "./names";
import { candidates, isNewest, newestAttempt } from "./newest-attempt";
import { pauseEnd } from "./pause";
import { compare, outcomeText } from "./retry-outcome";

const HEALTHY: Endpoint = {
  endpointID: "8b1a9953c4611296a827abf8c47804d7",
  url: "https://receiver.example/hook",
  eventTypes: [{ eventType: "created", enabled: true }],
  settings: {
    paused: false,
    pausedUntil: null,
    processNames: [],
    changed: [],
    where: {},
    onBacklog: "every",
    secretHeaders: [],
    maxPerSecond: null,
    name: null,
    description: null,
    contact: null,
  },
  health: { state: "healthy" },
  backlog: { pending: 0, capped: false },
  nextDeferredAt: null,
  lastSuccessAt: null,
  lastFailureAt: "2026-01-01T12:00:00Z",
  lastFailedDeliveryID: null,
};
const FAILING: Endpoint = {
  ...HEALTHY,
  health: { state: "failing", failingSince: "", probeAt: "", failedProbes: 3, warned: false },
  backlog: { pending: 41, capped: false },
};
const DISABLED: Endpoint = { ...HEALTHY, health: { state: "disabled", disabledSince: "", reason: "gone" } };
const paused = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  settings: { ...endpoint.settings, paused: true },
});

test("a state allows its own actions, the most urgent first", () => {
  expect([HEALTHY, FAILING, DISABLED, paused(FAILING)].map(actionsOf)).toEqual([
    ["pause"],
    ["retry", "pause"],
    ["enable", "pause"],
    ["retry", "resume"],
  ]);
  const all = [HEALTHY, paused(HEALTHY), FAILING];
  expect([allowing(all, "resume"), allowing(all, "pause").length]).toEqual([[paused(HEALTHY)], 2]);
});

test("the end of a long URL is visible, and a name goes before it", () => {
  const url = `https://gateway.example/${"x".repeat(100)}/orders-7`;
  expect(shortUrl(url, 40)).toBe("https://gateway.exa…xxxxxxxxxxx/orders-7");
  expect(shortUrl(url, 40)).toHaveLength(40);
  expect(nameOf(HEALTHY)).toBe(HEALTHY.url);
  expect(nameOf({ ...HEALTHY, settings: { ...HEALTHY.settings, name: "Billing" } })).toBe("Billing");
});

test("a pause has an end, or none", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect([pauseEnd("open", now), pauseEnd("1h", now), pauseEnd("4h", now)]).toEqual([
    undefined,
    "2026-01-01T13:00:00.000Z",
    "2026-01-01T16:00:00.000Z",
  ]);
});

test("the result of a retry is known by the next failure, or by the health", () => {
  expect(compare(FAILING, FAILING)).toBeUndefined();
  expect(compare(FAILING, { ...FAILING, lastFailureAt: "2026-01-01T12:00:05Z" })).toBe("failing");
  expect([compare(FAILING, HEALTHY), compare(FAILING, DISABLED)]).toEqual(["recovered", "disabled"]);
  expect(outcomeText({ kind: "recovered" }, FAILING.backlog)).toBe("Recovered, 41 deliveries on their way");
  expect(outcomeText({ kind: "failing", reason: "timeout after 10 s" }, FAILING.backlog)).toBe(
    "Still failing: timeout after 10 s",
  );
});

test("the results of several retries are counted by endpoint", () => {
  const other = { ...FAILING, url: "https://other.example/" };
  const notice = outcomesNotice([
    { before: FAILING, outcome: { kind: "recovered" } },
    { before: other, outcome: { kind: "failing", reason: "answered 503" } },
  ]);
  expect(notice).toMatchObject({
    type: "warning",
    header: "Retried 2 endpoints",
    content: "Recovered: https://receiver.example/hook. Still failing: https://other.example/",
  });
});

test("the last attempt is the newest attempt, not that of the newest delivery", () => {
  const delivery = (id: string, at: string) => ({ id, attempts: [{ at }] });
  const [newest, probed] = [
    delivery("newest", "2026-01-01T11:42:00Z"),
    delivery("probed", "2026-01-01T12:00:00Z"),
  ];
  expect([isNewest(FAILING, newest), isNewest(FAILING, probed), isNewest(FAILING, undefined)]).toEqual([
    false,
    true,
    false,
  ]);
  expect(newestAttempt([newest, probed])?.delivery.id).toBe("probed");
  expect(newestAttempt([])).toBeUndefined();
  const status = "pending" as const;
  const tried = { status, lastReason: "timeout" as const };
  expect(candidates([{ status, lastReason: null }, tried, { ...tried, status: "delivered" }])).toEqual([
    tried,
  ]);
});

test("an entry shows the settings that it changed, and its endpoint", () => {
  const endpoint = { endpointID: HEALTHY.endpointID, origin: "https://receiver.example" };
  const entry = {
    id: "1",
    at: "2026-01-01T12:00:00Z",
    action: "endpoint.changed" as const,
    caller: { id: "a", name: "Ada" },
    from: { endpoint, paused: false, processNames: [], maxPerSecond: null },
    to: { endpoint, paused: true, processNames: ["Order"], maxPerSecond: null, name: "Billing" },
  };
  expect([isAbout(entry, HEALTHY.endpointID), isAbout(entry, "other")]).toEqual([true, false]);
  expect(changesOf(entry)).toEqual(["Paused: no → yes", "Processes: all → Order", "Name: none → Billing"]);
  const limited = { ...entry.from, changed: ["status", "priority"], where: { status: [{ prefix: "Rej" }] } };
  expect(changesOf({ ...entry, to: limited })).toEqual([
    "Changed attributes: all → status, priority",
    "Conditions: none → status begins with Rej",
  ]);
  expect(changesOf({ ...entry, from: limited, to: entry.from })).toEqual([
    "Changed attributes: status, priority → all",
    "Conditions: status begins with Rej → none",
  ]);
});
