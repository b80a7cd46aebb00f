import type { Endpoint } from "./condition";

/** Formats event types: `created, updated (off)`. */
export function eventTypesLabel(eventTypes: Endpoint["eventTypes"]): string {
  return eventTypes.map(({ eventType, enabled }) => (enabled ? eventType : `${eventType} (off)`)).join(", ");
}
