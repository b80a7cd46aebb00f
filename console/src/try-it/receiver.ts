import type { Schemas } from "../api/client";
import { EVENT_TYPES } from "../labels/reasons";

type EventType = Schemas["EventType"];
type Callbacks = Schemas["Callbacks"];

/** Returns the URL of the built-in receiver for an event type. */
export const receiverUrl = (origin: string, eventType: EventType) => `${origin}/local/receiver/${eventType}`;

/** Returns the event types that call the built-in receiver. */
export function typesCallingReceiver(callbacks: Callbacks, origin: string): EventType[] {
  return EVENT_TYPES.filter(
    (eventType) =>
      callbacks[eventType].enabled && callbacks[eventType].urls.includes(receiverUrl(origin, eventType)),
  );
}

/** Returns the callbacks with all event types enabled and the built-in receiver added. */
export function withReceiver(callbacks: Callbacks, origin: string): Callbacks {
  const added = (eventType: EventType) => {
    const url = receiverUrl(origin, eventType);
    const { urls } = callbacks[eventType];
    return { enabled: true, urls: urls.includes(url) ? urls : [...urls, url] };
  };
  return { created: added("created"), updated: added("updated"), deleted: added("deleted") };
}

/** Returns the disabled event types that have other URLs: adding the receiver enables those too. */
export function alsoEnabled(callbacks: Callbacks, origin: string): EventType[] {
  return EVENT_TYPES.filter((eventType) => {
    const { enabled, urls } = callbacks[eventType];
    return !enabled && urls.some((url) => url !== receiverUrl(origin, eventType));
  });
}
