import { EVENT_TYPES } from "../labels/reasons";
import type { Change } from "./changes";
import type { Callbacks, Listed, RedactedUrl } from "./states";

const NEVER_SET: Listed = { enabled: false, urls: [] };

/** Returns the changes of callbacks. The same change of several event types is one. */
export function callbacksChanges(from: Callbacks | null, to: Callbacks | null): Change[] {
  const moved = new Set(to?.replaces?.map((pair) => pairKey(pair.from, pair.to)));
  const changes = new Map<string, Change>();
  for (const eventType of EVENT_TYPES) {
    const [before, after] = [from?.[eventType] ?? NEVER_SET, to?.[eventType] ?? NEVER_SET];
    for (const change of changesOfType(before, after, moved)) {
      const key = [change.kind, change.old?.endpointID, change.url?.endpointID, change.text].join();
      const known = changes.get(key);
      changes.set(key, { ...change, eventTypes: [...(known?.eventTypes ?? []), eventType] });
    }
  }
  return [...changes.values()];
}

type TypeChange = Omit<Change, "eventTypes">;

function changesOfType(before: Listed, after: Listed, moved: Set<string>): TypeChange[] {
  const changes: TypeChange[] = [];
  const note = (text: string) => changes.push({ kind: "setting", old: null, url: null, text });
  if (before.enabled !== after.enabled) {
    note(after.enabled ? "turned on" : "turned off");
  }
  const lines = changedLines(before, after, moved);
  changes.push(...lines);
  if (lines.length === 0 && idsOf(before.urls).join() !== idsOf(after.urls).join()) {
    note("reordered");
  }
  const [leftBefore, leftAfter] = [before.urlsLeftOut ?? 0, after.urlsLeftOut ?? 0];
  if (leftBefore + leftAfter > 0) {
    note(`${leftBefore} more URLs before and ${leftAfter} afterwards are not listed`);
  }
  return changes;
}

/** Compares two lists: a URL that replaces another one, or stands in its line, is paired with it. */
function changedLines(before: Listed, after: Listed, moved: Set<string>): TypeChange[] {
  const removed = without(before.urls, after.urls);
  const added = without(after.urls, before.urls);
  const sameLines = before.urls.length === after.urls.length && !before.urlsLeftOut && !after.urlsLeftOut;
  const isPair = (old: RedactedUrl, url: RedactedUrl) =>
    moved.has(pairKey(old, url)) ||
    (sameLines && before.urls.indexOf(old) === after.urls.indexOf(url) && !moved.size);
  const replaced = removed.flatMap((old) => {
    const url = added.find((url) => isPair(old, url));
    return url ? [{ kind: "replaced" as const, old, url, text: "replaced" }] : [];
  });
  const [gone, come] = [new Set(replaced.map(({ old }) => old)), new Set(replaced.map(({ url }) => url))];
  return [
    ...replaced,
    ...removed.flatMap((old) =>
      gone.has(old) ? [] : [{ kind: "removed" as const, old, url: null, text: "removed" }],
    ),
    ...added.flatMap((url) =>
      come.has(url) ? [] : [{ kind: "added" as const, old: null, url, text: "added" }],
    ),
  ];
}

const pairKey = (old: RedactedUrl, url: RedactedUrl) => `${old.endpointID}>${url.endpointID}`;

const idsOf = (urls: RedactedUrl[]) => urls.map(({ endpointID }) => endpointID);

function without(these: RedactedUrl[], those: RedactedUrl[]): RedactedUrl[] {
  const ids = new Set(idsOf(those));
  return these.filter(({ endpointID }) => !ids.has(endpointID));
}
