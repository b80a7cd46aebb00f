import { EVENT_TYPES } from "../labels/reasons";
import { type EventType, type Fields, type Form, urlsOf } from "./form";

/** Whether two settings of an event type mean the same. */
export function equalCallbacks(one: Fields, other: Fields): boolean {
  return one.enabled === other.enabled && urlsOf(one.urls).join("\n") === urlsOf(other.urls).join("\n");
}

/** The event types that are not the same in both. */
export const differing = (one: Form, other: Form): EventType[] =>
  EVENT_TYPES.filter((eventType) => !equalCallbacks(one[eventType], other[eventType]));

export interface MarkedUrl {
  url: string;
  /** Whether the other side does not have it. */
  onlyHere: boolean;
}

/** The URLs of one side, with those marked that the other does not have. */
export function withMarks(here: Fields, there: Fields): MarkedUrl[] {
  const others = new Set(urlsOf(there.urls));
  return urlsOf(here.urls).map((url) => ({ url, onlyHere: !others.has(url) }));
}

export type Side = "theirs" | "mine";

/** Who has changed an event type since both saw the same. */
export function changedBy(base: Fields, theirs: Fields, mine: Fields): Side | "both" {
  if (equalCallbacks(base, mine)) {
    return "theirs";
  }
  return equalCallbacks(base, theirs) ? "mine" : "both";
}
