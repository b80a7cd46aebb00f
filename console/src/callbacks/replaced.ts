import type { Schemas } from "../api/client";
import { EVENT_TYPES } from "../labels/reasons";
import { type Callbacks, type EventType, type Form, urlsOf } from "./form";
import { normalUrl } from "./urls";

type Endpoint = Schemas["Endpoint"];

/** A URL that is about to be called no more, or less, and of which something is left. */
export interface Affected {
  url: string;
  backlog: Schemas["Backlog"];
  /** Settings other than the defaults: those that would be lost. */
  settings: string[];
  /** Event types for which the URL is no longer called. */
  eventTypes: EventType[];
  /** `true` if no list has the URL any more. Only then it can be replaced. */
  removed: boolean;
  /** Added URLs that may replace it: those of the same event types first. */
  candidates: string[];
  /** The most likely replacement. */
  proposed?: string;
}

type UrlLists = Record<EventType, { enabled: boolean; urls: string[] }>;

const listsOf = (form: Form): UrlLists =>
  Object.fromEntries(
    EVENT_TYPES.map((eventType) => {
      const { enabled, urls } = form[eventType];
      return [eventType, { enabled, urls: [...new Set(urlsOf(urls).map(normalUrl))] }];
    }),
  ) as UrlLists;

/** Returns whether the draft calls a URL less than the stored callbacks do. Only then endpoints are affected. */
export function callsLess(base: Callbacks, form: Form): boolean {
  const after = listsOf(form);
  return EVENT_TYPES.some((eventType) => {
    const { enabled, urls } = base[eventType];
    const kept = after[eventType];
    return urls.some((url) => !kept.urls.includes(url) || (enabled && !kept.enabled));
  });
}

/** Returns the endpoints with pending deliveries or settings that the draft removes, or calls for fewer event types. */
export function affectedEndpoints(base: Callbacks, form: Form, endpoints: Endpoint[]): Affected[] {
  const after = listsOf(form);
  const calledFor = (lists: UrlLists, url: string) =>
    EVENT_TYPES.filter((eventType) => lists[eventType].enabled && lists[eventType].urls.includes(url));
  const listed = (lists: UrlLists, url: string) =>
    EVENT_TYPES.filter((eventType) => lists[eventType].urls.includes(url));

  return endpoints.flatMap(({ url, backlog, settings }) => {
    const removed = listed(after, url).length === 0;
    const left = calledFor(after, url);
    const eventTypes = calledFor(base, url).filter((eventType) => !left.includes(eventType));
    const settingsLost = removed ? settingLabels(settings) : [];
    const pending = backlog.pending > 0 && (removed || eventTypes.length > 0);
    if (listed(base, url).length === 0 || (!pending && settingsLost.length === 0)) {
      return [];
    }
    const candidates = removed ? candidatesFor(url, base, after) : [];
    return [
      {
        url,
        backlog,
        settings: settingsLost,
        eventTypes,
        removed,
        candidates,
        proposed: proposedFor(url, candidates, base, after),
      },
    ];
  });
}

/** Returns the added URLs, those in an event type of the removed URL first. */
function candidatesFor(url: string, base: Callbacks, after: UrlLists): string[] {
  const before = new Set(EVENT_TYPES.flatMap((eventType) => base[eventType].urls));
  const added = (eventType: EventType) => after[eventType].urls.filter((it) => !before.has(it));
  const own = EVENT_TYPES.filter((eventType) => base[eventType].urls.includes(url));
  const others = EVENT_TYPES.filter((eventType) => !own.includes(eventType));
  return [...new Set([...own, ...others].flatMap(added))];
}

/**
 * Returns the URL that most likely replaces a removed one: the one in its line, or the only one that was added where
 * only one was removed.
 */
function proposedFor(
  url: string,
  candidates: string[],
  base: Callbacks,
  after: UrlLists,
): string | undefined {
  for (const eventType of EVENT_TYPES) {
    const place = base[eventType].urls.indexOf(url);
    const there = after[eventType].urls[place];
    if (place >= 0 && there !== undefined && candidates.includes(there)) {
      return there;
    }
  }
  const all = EVENT_TYPES.flatMap((eventType) => base[eventType].urls);
  const kept = new Set(EVENT_TYPES.flatMap((eventType) => after[eventType].urls));
  const removed = new Set(all.filter((it) => !kept.has(it)));
  return candidates.length === 1 && removed.size === 1 ? candidates[0] : undefined;
}

function settingLabels(settings: Schemas["EndpointSettings"]): string[] {
  const { paused, maxPerSecond, processNames, changed, where, onBacklog, secretHeaders } = settings;
  return [
    ...(paused ? ["a pause"] : []),
    ...(maxPerSecond === null ? [] : [`a rate limit of ${maxPerSecond} per second`]),
    ...(processNames.length === 0 ? [] : ["a selection of processes"]),
    ...(changed.length === 0 ? [] : ["a selection of changed attributes"]),
    ...(Object.keys(where).length === 0 ? [] : ["conditions"]),
    ...(onBacklog === "latest" ? ["the choice of the latest only"] : []),
    ...(secretHeaders.length === 0
      ? []
      : ["secret headers (kept only if scheme, host and port are the same)"]),
  ];
}

/** Returns the `replaces` of the API: old URLs by new URL. A choice of `undefined` gives the old URL up. */
export const replacesOf = (choices: ReadonlyMap<string, string | undefined>): Record<string, string> =>
  Object.fromEntries([...choices].flatMap(([old, to]) => (to === undefined ? [] : [[to, old]])));

/** Returns the URL that was chosen to replace more than one other, which the API rejects. */
export function chosenTwice(choices: ReadonlyMap<string, string | undefined>): string | undefined {
  const chosen = [...choices.values()].filter((to) => to !== undefined);
  return chosen.find((to, index) => chosen.indexOf(to) !== index);
}
