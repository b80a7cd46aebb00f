import { describe, expect, it } from "vitest";
import { arrivalTimes, mergeLog } from "./arrival-times";
import { instancesState, withWritten } from "./instances";
import type { LogUpdate, ReceivedRequest } from "./local-api";
import { alsoEnabled, receiverUrl, typesCallingReceiver, withoutReceiver, withReceiver } from "./receiver";

const ORIGIN = "http://127.0.0.1:8787";
const RECEIVER = { origin: ORIGIN, workspace: "default" };
const OFF = { enabled: false, urls: [] };

describe("adding the receiver", () => {
  const mine = { created: { enabled: true, urls: ["https://mine.example/"] }, updated: OFF, deleted: OFF };

  it("keeps configured URLs and enables all event types", () => {
    const callbacks = withReceiver(mine, RECEIVER);
    expect(callbacks.created.urls).toEqual(["https://mine.example/", `${ORIGIN}/local/receiver/created`]);
    expect(callbacks.deleted).toEqual({ enabled: true, urls: [`${ORIGIN}/local/receiver/deleted`] });
    expect(typesCallingReceiver(mine, RECEIVER)).toEqual([]);
    expect(typesCallingReceiver(callbacks, RECEIVER)).toEqual(["created", "updated", "deleted"]);
  });

  it("twice adds it once", () => {
    const once = withReceiver(mine, RECEIVER);
    expect(withReceiver(once, RECEIVER)).toEqual(once);
  });

  it("is undone: other URLs stay, and what it has enabled is off again", () => {
    const off = { ...mine, updated: { enabled: false, urls: ["https://other.example/"] } };
    const undone = (enabledByAdding: "updated"[]) =>
      withoutReceiver(withReceiver(off, RECEIVER), RECEIVER, enabledByAdding);
    expect(undone(["updated"])).toEqual(off);
    expect(undone([]).updated).toEqual({ enabled: true, urls: ["https://other.example/"] });
  });

  it("names the workspace, in the normal form of URLs", () => {
    const url = (workspace: string) => receiverUrl({ origin: ORIGIN, workspace }, "created");
    expect(url("default")).toBe(`${ORIGIN}/local/receiver/created`);
    expect(url("it's a/b&c")).toBe(`${ORIGIN}/local/receiver/created?workspace=it%27s%20a%2Fb%26c`);
  });

  it("names the other URLs that would be called too", () => {
    const off = { ...mine, created: { ...mine.created, enabled: false } };
    expect(alsoEnabled(mine, RECEIVER)).toEqual([]);
    expect(alsoEnabled(off, RECEIVER)).toEqual(["created"]);
  });
});

const request = (number: number, changed: Partial<ReceivedRequest> = {}): ReceivedRequest => ({
  number,
  at: new Date(number * 1_000).toISOString(),
  method: "GET",
  path: "/",
  query: null,
  instanceID: "i-1",
  processName: "Order",
  eventType: "updated",
  headers: { "webhook-attempt": "1" },
  outcome: "waiting",
  status: null,
  afterMs: null,
  ...changed,
});
const news = (last: number, ...requests: ReceivedRequest[]): LogUpdate => ({
  behaviour: { answer: "ok" },
  requests,
  last,
});

describe("the log", () => {
  it("has the newest first, and only the latest version of a request", () => {
    const before = mergeLog(undefined, news(2, request(1), request(2)));
    const now = mergeLog(before, news(4, request(1, { outcome: "answered" }), request(3)));
    expect(now.requests.map(({ number, outcome }) => [number, outcome])).toEqual([
      [3, "waiting"],
      [2, "waiting"],
      [1, "answered"],
    ]);
  });

  it("is empty after a restart of the program", () => {
    const before = mergeLog(undefined, news(9, request(1), request(2)));
    expect(mergeLog(before, news(1, request(1))).requests).toHaveLength(1);
  });
});

describe("the time from click to arrival", () => {
  it("is measured from the click that caused the event", () => {
    const clicks = [
      { at: 900, eventType: "updated", instanceID: "i-1" },
      { at: 1_950, eventType: "updated", instanceID: "i-1" },
      { at: 2_990, eventType: "deleted", instanceID: "i-1" },
    ];
    const times = arrivalTimes([request(3), request(2), request(1)], clicks);
    expect([...times]).toEqual([
      [1, 100],
      [2, 50],
    ]);
  });

  it("is not measured for retries", () => {
    const clicks = [{ at: 900, eventType: "updated", instanceID: "i-1" }];
    expect(arrivalTimes([request(1, { headers: { "webhook-attempt": "2" } })], clicks).size).toBe(0);
  });
});

describe("the instances", () => {
  it("include those written here that are not listed", () => {
    const instance = (instanceID: string) => ({ instanceID, processName: "Order", workspaceID: "default" });
    const all = withWritten(
      [instance("4711"), instance("order-1")],
      [instance("order-1"), instance("order-2")],
    );
    expect(all.map(({ instanceID }) => instanceID)).toEqual(["4711", "order-1", "order-2"]);
  });

  it("are counted, and so are changes when none is left", () => {
    expect(instancesState(0, true, 0)).toBe("No instance yet");
    expect(instancesState(0, false, 3)).toBe("3 changes made");
    expect(instancesState(1, false, 3)).toBe("1 instance exists");
    expect(instancesState(20, true, 0)).toBe("At least 20 instances exist");
  });
});
