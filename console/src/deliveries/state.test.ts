import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { obstacleOf, stateOf } from "./state";

const AT = "2026-01-31T12:00:00Z";

const delivery = (changed: Partial<Schemas["Delivery"]>): Schemas["Delivery"] => ({
  deliveryID: "1",
  eventID: "1",
  eventType: "created",
  changedAt: AT,
  instanceID: "4711",
  processName: "Order",
  endpointID: "1",
  url: "https://my-service.com/0",
  status: "pending",
  attemptCount: 1,
  lastReason: "status",
  lastStatus: 500,
  giveUpReason: null,
  dueAt: AT,
  ...changed,
});

const obstacle = (health: Schemas["Endpoint"]["health"], paused = false, pausedUntil?: string) =>
  obstacleOf({ health, settings: { paused, pausedUntil } } as Schemas["Endpoint"]);

test("a pending delivery with a time for its next attempt is retrying", () => {
  expect(stateOf(delivery({}))).toMatchObject({ text: "Retrying", short: "500", next: AT });
  expect(stateOf(delivery({ lastReason: "timeout", lastStatus: null }))).toMatchObject({ short: "Timeout" });
  expect(stateOf(delivery({}), obstacle({ state: "healthy" }))).toMatchObject({ text: "Retrying" });
});

test("a pending delivery without an attempt, or held back by its endpoint, is waiting", () => {
  const untried = delivery({ attemptCount: 0, lastReason: null, lastStatus: null, dueAt: null });
  expect(stateOf(untried)).toMatchObject({ text: "Waiting", short: undefined });
  // The time by which the first attempt, which is in flight, has ended.
  expect(stateOf({ ...untried, dueAt: AT })).toMatchObject({ text: "Waiting" });
  const failing = obstacle({
    state: "failing",
    failingSince: AT,
    failedProbes: 2,
    probeAt: "2026-02-01T12:00:00Z",
    warned: false,
  });
  expect(stateOf(delivery({}), failing)).toMatchObject({ text: "Waiting", next: "2026-02-01T12:00:00Z" });
  const paused = obstacle({ state: "healthy" }, true);
  expect(stateOf(delivery({}), paused)).toMatchObject({ text: "Waiting", nextAfter: "When it is resumed" });
  const until = "2026-02-01T12:00:00Z";
  const timed = obstacle({ state: "healthy" }, true, until);
  expect(stateOf(delivery({}), timed)).toMatchObject({ text: "Waiting", next: until });
});

test("a failed delivery has the last code, or the reason for which it was not tried", () => {
  const failed = delivery({
    status: "failed",
    dueAt: null,
    giveUpReason: "endpoint-disabled",
    lastStatus: 410,
  });
  expect(stateOf(failed)).toMatchObject({ text: "Failed", short: "410" });
  expect(stateOf(failed).title).toBe("Failed: the endpoint is disabled. The receiver returned 410 Gone");
  expect(stateOf({ ...failed, lastReason: null, lastStatus: null })).toMatchObject({
    short: "Endpoint disabled",
  });
});

test("a superseded one has no reason and no next attempt, whatever its endpoint", () => {
  const superseded = delivery({ status: "superseded", lastReason: null, lastStatus: null, dueAt: null });
  expect(stateOf(superseded, obstacle({ state: "healthy" }, true))).toEqual({
    kind: "superseded",
    text: "Superseded",
    type: "stopped",
  });
});

test("a delivered one has no reason", () => {
  expect(stateOf(delivery({ status: "delivered", lastReason: null, lastStatus: null, dueAt: null }))).toEqual(
    {
      kind: "delivered",
      text: "Delivered",
      type: "success",
    },
  );
});
