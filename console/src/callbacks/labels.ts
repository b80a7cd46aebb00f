import { EVENT_TYPES } from "../labels/reasons";
import { conjunction } from "../labels/text";
import type { Callbacks, EventType } from "./form";

/** Returns the notice after saving: enabled and disabled event types. */
export function enabledSummary(callbacks: Callbacks): string {
  const on = EVENT_TYPES.filter((eventType) => callbacks[eventType].enabled);
  if (on.length === 0) {
    return "All callbacks are off: nothing is called when an instance changes.";
  }
  const named = on.map((eventType) => `${eventType} (${urlCount(callbacks[eventType].urls.length)})`);
  const off = EVENT_TYPES.filter((eventType) => !on.includes(eventType));
  const rest = off.length > 0 ? ` Off: ${conjunction.format(off)}.` : "";
  return `On: ${conjunction.format(named)}.${rest}`;
}

/** Returns the enabled event types without a URL. */
export const enabledWithoutUrls = (callbacks: Callbacks): EventType[] =>
  EVENT_TYPES.filter((eventType) => callbacks[eventType].enabled && callbacks[eventType].urls.length === 0);

export function urlCount(urls: number): string {
  return urls === 0 ? "no URL" : urls === 1 ? "1 URL" : `${urls} URLs`;
}
