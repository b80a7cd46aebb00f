import type { Schemas } from "../../api/client";
import { isDeferred } from "../deferred";

type Delivery = Schemas["DeliveryWithAttempts"];
type Endpoint = Schemas["Endpoint"];

/** What can be offered to send a delivery again. */
export type Offer =
  | { kind: "replay" | "retry" | "re-enable" }
  /** It cannot be replayed, for this reason. */
  | { kind: "impossible"; reason: string }
  /** It is pending, and is attempted anyway. */
  | { kind: "none" };

/** Returns the offer for a delivery. `endpoints` is missing if the user may not see them: the API decides then. */
export function replayOffer(delivery: Delivery, endpoints: Endpoint[] | undefined): Offer {
  if (delivery.status === "pending") {
    return { kind: isDeferred(delivery) ? "retry" : "none" };
  }
  if (!endpoints) {
    return { kind: "replay" };
  }
  const endpoint = endpoints.find(({ endpointID }) => endpointID === delivery.endpointID);
  const called = endpoint?.eventTypes.some(
    ({ eventType, enabled }) => eventType === delivery.eventType && enabled,
  );
  if (!endpoint || !called) {
    return {
      kind: "impossible",
      reason: `The URL is no longer called for ${delivery.eventType} events. Add it under Instance Callback URLs, then replay.`,
    };
  }
  return { kind: endpoint.health.state === "disabled" ? "re-enable" : "replay" };
}
