import type { Schemas } from "../api/client";
import { EVENT_TYPES } from "../labels/reasons";
import { DEFAULT_WORKSPACE } from "./instances";

type EventType = Schemas["EventType"];
type Callbacks = Schemas["Callbacks"];

/** The built-in receiver, as a workspace calls it. */
export interface Receiver {
  origin: string;
  workspace: string;
}

/**
 * Returns the URL of the built-in receiver for an event type. It names the workspace, because the receiver is one for
 * all of them; the API stores the same normal form.
 */
export function receiverUrl({ origin, workspace }: Receiver, eventType: EventType): string {
  const url = `${origin}/local/receiver/${eventType}`;
  return workspace === DEFAULT_WORKSPACE
    ? url
    : new URL(`${url}?workspace=${encodeURIComponent(workspace)}`).href;
}

/** Returns the event types that call the built-in receiver. */
export function typesCallingReceiver(callbacks: Callbacks, receiver: Receiver): EventType[] {
  return EVENT_TYPES.filter(
    (eventType) =>
      callbacks[eventType].enabled && callbacks[eventType].urls.includes(receiverUrl(receiver, eventType)),
  );
}

/** Returns the callbacks with all event types enabled and the built-in receiver added. */
export function withReceiver(callbacks: Callbacks, receiver: Receiver): Callbacks {
  return mapped((eventType) => {
    const url = receiverUrl(receiver, eventType);
    const { urls } = callbacks[eventType];
    return { enabled: true, urls: urls.includes(url) ? urls : [...urls, url] };
  });
}

/**
 * Returns the callbacks without the built-in receiver. An event type without another URL is disabled, and so are the
 * event types that adding the receiver has enabled.
 */
export function withoutReceiver(
  callbacks: Callbacks,
  receiver: Receiver,
  enabledByAdding: EventType[],
): Callbacks {
  return mapped((eventType) => {
    const { enabled, urls } = callbacks[eventType];
    const others = urls.filter((url) => url !== receiverUrl(receiver, eventType));
    return { enabled: enabled && others.length > 0 && !enabledByAdding.includes(eventType), urls: others };
  });
}

const mapped = (callback: (eventType: EventType) => Callbacks[EventType]): Callbacks => ({
  created: callback("created"),
  updated: callback("updated"),
  deleted: callback("deleted"),
});

/** Returns the disabled event types that have other URLs: adding the receiver enables those too. */
export function alsoEnabled(callbacks: Callbacks, receiver: Receiver): EventType[] {
  return EVENT_TYPES.filter((eventType) => {
    const { enabled, urls } = callbacks[eventType];
    return !enabled && urls.some((url) => url !== receiverUrl(receiver, eventType));
  });
}
