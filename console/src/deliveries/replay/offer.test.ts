import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { replayOffer } from "./offer";

const delivery = (status: Schemas["Status"]) =>
  ({ status, endpointID: "1", eventType: "created", dueAt: null, attempts: [] }) as unknown as Parameters<
    typeof replayOffer
  >[0];
const endpoint = (state: "healthy" | "disabled", enabled = true) =>
  ({
    endpointID: "1",
    health: { state },
    eventTypes: [{ eventType: "created", enabled }],
  }) as Schemas["Endpoint"];

test("what can be replayed is offered, what cannot says why", () => {
  expect(replayOffer(delivery("failed"), [endpoint("healthy")])).toEqual({ kind: "replay" });
  expect(replayOffer(delivery("delivered"), [endpoint("disabled")])).toEqual({ kind: "re-enable" });
  for (const endpoints of [[], [endpoint("healthy", false)]]) {
    const offer = replayOffer(delivery("failed"), endpoints);
    expect(offer).toMatchObject({ kind: "impossible" });
    expect(offer).toHaveProperty("reason", expect.stringContaining("no longer called for created events"));
  }
});

test("a pending delivery is attempted anyway; without permission to see endpoints the API decides", () => {
  expect(replayOffer(delivery("pending"), [])).toEqual({ kind: "none" });
  expect(replayOffer(delivery("failed"), undefined)).toEqual({ kind: "replay" });
});
