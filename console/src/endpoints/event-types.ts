import type { Endpoint } from "./condition";

/** `created, updated (off)`. */
export function eventTypesLabel(eventTypes: Endpoint["eventTypes"]): string {
  return eventTypes.map(({ eventType, enabled }) => (enabled ? eventType : `${eventType} (off)`)).join(", ");
}
