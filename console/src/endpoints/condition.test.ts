import { expect, test } from "vitest";
import { resumedText } from "./action-texts";
import { conditionOf, type Endpoint, needsAttention, sumOfBacklogs, worstFirst } from "./condition";
import { damageMessage, resetEffects } from "./damage";
import { backlogLabel, conditionLabel, pendingLabel } from "./labels";

const AT = "2026-01-31T12:00:00Z";
const HEALTHY: Endpoint = {
  endpointID: "0",
  url: "https://my-service.com/0",
  eventTypes: [{ eventType: "created", enabled: true }],
  health: { state: "healthy" },
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
  backlog: { pending: 0, capped: false },
  lastSuccessAt: AT,
  lastFailureAt: null,
  lastFailedDeliveryID: null,
  nextDeferredAt: null,
};
const DAMAGED: Endpoint = { ...HEALTHY, health: { state: "damaged", attributes: ["paused"] } };
const FAILING: Endpoint = {
  ...HEALTHY,
  health: { state: "failing", failingSince: AT, probeAt: AT, failedProbes: 0, warned: false },
};

test("the worst endpoint is first, then the one with the most pending", () => {
  const disabled: Endpoint = {
    ...HEALTHY,
    health: { state: "disabled", disabledSince: AT, reason: "gone" },
  };
  const busy = { ...FAILING, backlog: { pending: 9, capped: false } };
  const paused = { ...HEALTHY, settings: { ...HEALTHY.settings, paused: true } };
  const rejecting = { ...HEALTHY, nextDeferredAt: AT };
  const off = { ...HEALTHY, eventTypes: [{ eventType: "created" as const, enabled: false }] };
  const slow: Endpoint = { ...HEALTHY, health: { state: "slow" } };
  const fresh = { ...HEALTHY, lastSuccessAt: null };
  const inOrder = [DAMAGED, disabled, busy, FAILING, paused, rejecting, off, slow, fresh, HEALTHY];
  expect([...inOrder].reverse().sort(worstFirst)).toEqual(inOrder);
  expect(inOrder.filter(needsAttention)).toEqual([DAMAGED, disabled, busy, FAILING, paused, rejecting]);
  expect(conditionOf({ ...FAILING, settings: paused.settings })).toBe("failing");
});

test("a damaged endpoint is an error that needs attention, paused or not", () => {
  const paused = { ...DAMAGED, settings: { ...DAMAGED.settings, paused: true } };
  const rejecting = { ...DAMAGED, nextDeferredAt: AT };
  expect([DAMAGED, paused, rejecting].map(conditionOf)).toEqual(["damaged", "damaged", "damaged"]);
  expect([DAMAGED, paused, rejecting].every(needsAttention)).toBe(true);
  expect(conditionLabel("damaged")).toEqual({ text: "Damaged", type: "error" });
});

test("damage is reported with attributes, effect and next step", () => {
  const { summary, meaning, advice } = damageMessage(["appendsa", "health", "paused"]);
  expect(summary).toBe("Attributes that cannot be read: appendsa, health and paused.");
  expect(damageMessage(["paused"]).summary).toBe("Attribute that cannot be read: paused.");
  expect(meaning).toContain("every event for it is kept");
  expect(advice).toContain("to their defaults");
});

test("the confirmation lists the effects on damaged settings only", () => {
  expect(resetEffects(["appendsa"])).toEqual([]);
  expect(resetEffects(["maxPerSecond", "paused", "where", "changed", "processNames"])).toEqual([
    "A pause ends.",
    "A process filter is removed: events of all processes are delivered.",
    "A selection of changed attributes is removed: all updates are delivered.",
    "Conditions are removed: events that do not meet them are delivered.",
    "A rate limit is removed.",
  ]);
});

test("the text after a resume without anything pending names what was reset", () => {
  const text = (action: "reset" | "enable", now: Endpoint) => resumedText(action, [{ before: DAMAGED, now }]);
  const next = "Nothing is pending: the next event shows whether it works.";
  const reset = `The damaged attributes of ${HEALTHY.url} are set to their defaults.`;
  expect(text("enable", FAILING)).toBe(`Re-enabled ${HEALTHY.url}. ${next}`);
  expect(text("reset", HEALTHY)).toBe(`${reset} ${next}`);
  const paused = { ...HEALTHY, settings: { ...HEALTHY.settings, paused: true } };
  expect(text("reset", paused)).toBe(`${reset} It is still paused.`);
});

test("slow is shown unless a worse condition applies", () => {
  const slow: Endpoint = { ...HEALTHY, health: { state: "slow" } };
  expect(conditionOf(slow)).toBe("slow");
  expect(conditionOf({ ...slow, lastSuccessAt: null })).toBe("slow");
  expect(conditionOf({ ...slow, settings: { ...slow.settings, paused: true } })).toBe("paused");
  expect(conditionOf({ ...slow, nextDeferredAt: AT })).toBe("rejecting");
  expect(conditionOf({ ...slow, eventTypes: [{ eventType: "created", enabled: false }] })).toBe("off");
  expect(needsAttention(slow)).toBe(false);
  expect(conditionLabel("slow")).toEqual({ text: "Slow", type: "info" });
});

test("a truncated backlog says so, alone and in a sum", () => {
  const capped = { ...FAILING, backlog: { pending: 4_000, capped: true } };
  expect(sumOfBacklogs([capped, FAILING])).toEqual({ pending: 4_000, capped: true });
  expect(backlogLabel(capped.backlog)).toMatch(/^at least 4.?000$/);
  expect(pendingLabel({ pending: 0, capped: false })).toBe("nothing is pending");
  expect(pendingLabel({ pending: 1, capped: false })).toBe("1 delivery is pending");
  expect(pendingLabel({ pending: 1, capped: true })).toBe("at least 1 deliveries are pending");
});
