import type { Schemas } from "../api/client";
import { EVENT_TYPES } from "../labels/reasons";

type EventType = Schemas["EventType"];
type Callbacks = Schemas["Callbacks"];

/** Where the built-in receiver takes an event type's callbacks. */
export const receiverUrl = (origin: string, eventType: EventType) => `${origin}/local/receiver/${eventType}`;

/** The event types whose callbacks go to the built-in receiver. */
export function typesCallingReceiver(callbacks: Callbacks, origin: string): EventType[] {
  return EVENT_TYPES.filter(
    (eventType) =>
      callbacks[eventType].enabled && callbacks[eventType].urls.includes(receiverUrl(origin, eventType)),
  );
}

/** The same callbacks, turned on, and the built-in receiver among their URLs. */
export function withReceiver(callbacks: Callbacks, origin: string): Callbacks {
  const added = (eventType: EventType) => {
    const url = receiverUrl(origin, eventType);
    const { urls } = callbacks[eventType];
    return { enabled: true, urls: urls.includes(url) ? urls : [...urls, url] };
  };
  return { created: added("created"), updated: added("updated"), deleted: added("deleted") };
}

/** The event types that begin to call URLs that are configured already, when the receiver is added. */
export function alsoEnabled(callbacks: Callbacks, origin: string): EventType[] {
  return EVENT_TYPES.filter((eventType) => {
    const { enabled, urls } = callbacks[eventType];
    return !enabled && urls.some((url) => url !== receiverUrl(origin, eventType));
  });
}
