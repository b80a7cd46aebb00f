import { EVENT_TYPES } from "../labels/reasons";
import { conjunction } from "../labels/text";
import type { Callbacks } from "./form";

/** Returns the notice after saving: enabled and disabled event types. */
export function enabledSummary(callbacks: Callbacks): string {
  const on = EVENT_TYPES.filter((eventType) => callbacks[eventType].enabled);
  if (on.length === 0) {
    return "All callbacks are off: no URL is called when an instance changes.";
  }
  const named = on.map((eventType) => `${eventType} (${urlCount(callbacks[eventType].urls.length)})`);
  const off = EVENT_TYPES.filter((eventType) => !on.includes(eventType));
  const rest = off.length > 0 ? ` Off: ${conjunction.format(off)}.` : "";
  return `On: ${conjunction.format(named)}.${rest}`;
}

/** Returns `true` if an event type is enabled without a URL, or if no event type is enabled although there are URLs. */
export function needsAttention(callbacks: Callbacks): boolean {
  const all = EVENT_TYPES.map((eventType) => callbacks[eventType]);
  const allOff = all.every(({ enabled }) => !enabled);
  return all.some(({ enabled, urls }) => (enabled ? urls.length === 0 : allOff && urls.length > 0));
}

export function urlCount(urls: number): string {
  return urls === 0 ? "no URL" : urls === 1 ? "1 URL" : `${urls} URLs`;
}
