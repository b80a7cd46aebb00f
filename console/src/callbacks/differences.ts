import { EVENT_TYPES } from "../labels/reasons";
import { type EventType, type Fields, type Form, urlsOf } from "./form";

/** Returns `true` if two settings of an event type are equivalent. */
export function equalCallbacks(one: Fields, other: Fields): boolean {
  return one.enabled === other.enabled && urlsOf(one.urls).join("\n") === urlsOf(other.urls).join("\n");
}

/** Returns the event types whose settings differ. */
export const differing = (one: Form, other: Form): EventType[] =>
  EVENT_TYPES.filter((eventType) => !equalCallbacks(one[eventType], other[eventType]));

export interface MarkedUrl {
  url: string;
  /** `true` if the other side lacks the URL. */
  onlyHere: boolean;
}

/** Returns the URLs of one side, marking those that the other side lacks. */
export function withMarks(here: Fields, there: Fields): MarkedUrl[] {
  const others = new Set(urlsOf(there.urls));
  return urlsOf(here.urls).map((url) => ({ url, onlyHere: !others.has(url) }));
}

export type Side = "theirs" | "mine";
/** What the user keeps of an event type: one side, or the changes of both. */
export type Choice = Side | "both";

/** Returns the side that changed an event type since the common base. */
export function changedBy(base: Fields, theirs: Fields, mine: Fields): Side | "both" {
  if (equalCallbacks(base, mine)) {
    return "theirs";
  }
  return equalCallbacks(base, theirs) ? "mine" : "both";
}
