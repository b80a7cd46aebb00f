import { EVENT_TYPES } from "../labels/reasons";
import type { Callbacks, EventType } from "./form";

export const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** `created and deleted`. */
const list = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** What is on now, for the notice after saving. */
export function enabledSummary(callbacks: Callbacks): string {
  const on = EVENT_TYPES.filter((eventType) => callbacks[eventType].enabled);
  if (on.length === 0) {
    return "All callbacks are off: nothing is called when an instance changes.";
  }
  const named = on.map((eventType) => `${eventType} (${urlCount(callbacks[eventType].urls.length)})`);
  const off = EVENT_TYPES.filter((eventType) => !on.includes(eventType));
  const rest = off.length > 0 ? ` Off: ${list.format(off)}.` : "";
  return `On: ${list.format(named)}.${rest}`;
}

/** Event types that are on and call nobody. */
export const enabledWithoutUrls = (callbacks: Callbacks): EventType[] =>
  EVENT_TYPES.filter((eventType) => callbacks[eventType].enabled && callbacks[eventType].urls.length === 0);

export function urlCount(urls: number): string {
  return urls === 0 ? "no URL" : urls === 1 ? "1 URL" : `${urls} URLs`;
}
