import { describe, expect, it, test } from "vitest";
import type { Schemas } from "../../api/client";
import { isDeferred } from "../deferred";
import { isUnrouted, urlLabel } from "../unrouted";
import { deliverySummary } from "./delivery-summary";

const AT = "2026-01-31T12:00:00Z";

function attempt(number: number, reason: Schemas["Reason"], status: number | null): Schemas["Attempt"] {
  return { at: AT, body: "", detail: null, headers: [], latencyMs: 1, number, reason, status };
}

/** Returns a pending delivery whose attempts got these statuses. */
function pending(...statuses: (number | null)[]): Schemas["DeliveryWithAttempts"] {
  const attempts = statuses.map((status, index) =>
    attempt(index + 1, status === null ? "timeout" : status < 400 ? "redirect" : "status", status),
  );
  return {
    deliveryID: "1",
    eventID: "1",
    eventType: "created",
    changedAt: AT,
    instanceID: "4711",
    processName: "Order",
    endpointID: "1",
    url: "https://my-service.com/0",
    status: "pending",
    attemptCount: attempts.length,
    lastReason: attempts.at(-1)?.reason ?? null,
    lastStatus: attempts.at(-1)?.status ?? null,
    giveUpReason: null,
    dueAt: attempts.length > 0 ? AT : null,
    attempts,
    request: { method: "GET", url: "https://my-service.com/0", headers: [] },
  };
}

const SLOW: Schemas["Endpoint"] = {
  endpointID: "1",
  url: "https://my-service.com/0",
  eventTypes: [{ eventType: "created", enabled: true }],
  health: { state: "slow" },
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
  backlog: { pending: 1, capped: false },
  lastSuccessAt: AT,
  lastFailureAt: null,
  lastFailedDeliveryID: null,
  nextDeferredAt: null,
};

test("a superseded delivery says why it was not sent", () => {
  const superseded = { ...pending(503), status: "superseded" as const, lastReason: null, dueAt: null };
  expect(deliverySummary(superseded)).toMatchObject({ type: "info", title: "Superseded" });
  expect(deliverySummary(superseded).advice).toContain("a later change of this instance was waiting too");
});

describe("a pending delivery", () => {
  it("is deferred once it was rejected three times", () => {
    expect(isDeferred(pending(404, 301))).toBe(false);
    expect(isDeferred(pending(404, 503, 301, 422))).toBe(true);
    expect(isDeferred(pending(404, 404, 404, null))).toBe(true);
    expect(isDeferred({ ...pending(404, 404, 404), dueAt: null }), "after a replay").toBe(false);
    expect(isDeferred({ ...pending(404, 404, 404), status: "failed" })).toBe(false);
  });

  it("is not deferred, however often the receiver missed it", () => {
    expect(isDeferred(pending(500, 503, 429, null, 500))).toBe(false);
  });

  it("says whether later events of its instance wait", () => {
    const missed = deliverySummary(pending(503));
    expect(missed).toMatchObject({
      type: "warning",
      title: "The receiver returned 503 Service Unavailable",
    });
    expect(missed.advice).toContain("Later events of its instance wait for it, all others continue.");
    const deferred = deliverySummary(pending(422, 422, 422));
    expect(deferred).toMatchObject({ type: "warning" });
    expect(deferred.advice).toContain("does not block other deliveries");
  });

  it("without an attempt may follow another one of its instance", () => {
    expect(deliverySummary(pending())).toMatchObject({ type: "info", title: "Waiting to be sent" });
    expect(deliverySummary(pending()).advice).toContain("it follows that one");
  });

  it("of a slow endpoint is not a warning", () => {
    expect(deliverySummary(pending(), SLOW)).toMatchObject({ type: "info", title: "Waiting to be sent" });
  });

  it("waits for an endpoint with a damaged record", () => {
    const damaged = { ...SLOW, health: { state: "damaged" as const, attributes: ["paused"] } };
    const paused = { ...damaged, settings: { ...damaged.settings, paused: true } };
    for (const endpoint of [damaged, paused]) {
      expect(deliverySummary(pending(503), endpoint)).toMatchObject({
        type: "error",
        title: "Waiting: the endpoint's record is damaged",
      });
    }
  });

  it("waits for readable callbacks if its URL is unknown", () => {
    const url = "http://callbacks-cannot-be-read.invalid/";
    const unrouted = { ...pending(), endpointID: "00000000000000000000000000000000", url };
    expect(isUnrouted(unrouted)).toBe(true);
    expect(urlLabel(unrouted)).toBe("Unknown, because the callbacks cannot be read");
    expect(deliverySummary(unrouted)).toMatchObject({
      type: "warning",
      title: "Waiting: the callbacks cannot be read",
    });
    expect(isUnrouted(pending())).toBe(false);
    expect(urlLabel(pending())).toBe("https://my-service.com/0");
  });
});
