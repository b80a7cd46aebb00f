import type { Schemas } from "../api/client";
import { conditionsText } from "../endpoints/called-when";
import { onBacklogText, secretHeaderChanges } from "../endpoints/secret-header-changes";
import { exactTime } from "../labels/time";
import { callbacksChanges } from "./callbacks-changes";
import type { Entry } from "./labels";
import type { Callbacks, Health, RedactedUrl, Secrets, Settings } from "./states";

/** One difference between the states before and after an entry. */
export interface Change {
  kind: "added" | "removed" | "replaced" | "setting";
  /** The event types concerned, if any. */
  eventTypes: Schemas["EventType"][];
  /** The URL that was removed or replaced. */
  old: RedactedUrl | null;
  /** The URL that was added, or whose endpoint was changed. */
  url: RedactedUrl | null;
  text: string;
}

/** Returns the changes of an entry. Empty if the values were already set. */
export function changesOf({ action, from, to }: Entry): Change[] {
  switch (action) {
    case "callbacks.set":
    case "callbacks.reset":
      return callbacksChanges(from as Callbacks | null, to as Callbacks | null);
    case "endpoint.changed":
      return settingsChanges(from as Settings, to as Settings);
    case "endpoint.resumed":
      return healthChanges(from as Health, to as Health);
    case "signing-secret.created":
    case "signing-secret.set":
    case "signing-secret.rotated":
      return secretsChanges(from as Secrets | null, to as Secrets);
    case "deliveries.erased":
      return [setting(`SHA-256 of the instance's ID begins with ${(to as Erased).instanceFingerprint}`)];
    case "other":
      return [setting("made by a later release; the JSON shows it")];
  }
}

interface Erased {
  instanceFingerprint: string;
}

const setting = (text: string, url: RedactedUrl | null = null): Change => ({
  kind: "setting",
  eventTypes: [],
  old: null,
  url,
  text,
});

function settingsChanges(from: Settings, to: Settings): Change[] {
  const changes: Change[] = [];
  if (from.paused !== to.paused) {
    changes.push(setting(to.paused ? "paused" : "no longer paused", to.endpoint));
  }
  if (to.paused && from.pausedUntil !== to.pausedUntil) {
    changes.push(
      setting(`paused until ${to.pausedUntil ? exactTime(to.pausedUntil) : "resumed"}`, to.endpoint),
    );
  }
  for (const name of ["name", "description", "contact"] as const) {
    if (from[name] !== to[name]) {
      changes.push(setting(`${name}: ${from[name] ?? "none"} → ${to[name] ?? "none"}`, to.endpoint));
    }
  }
  if (processes(from) !== processes(to)) {
    changes.push(setting(`processes: ${processes(from)} → ${processes(to)}`, to.endpoint));
  }
  if (attributes(from) !== attributes(to)) {
    changes.push(setting(`changed attributes: ${attributes(from)} → ${attributes(to)}`, to.endpoint));
  }
  if (conditions(from) !== conditions(to)) {
    changes.push(setting(`conditions: ${conditions(from)} → ${conditions(to)}`, to.endpoint));
  }
  if (from.maxPerSecond !== to.maxPerSecond) {
    const [before, after] = [rate(from.maxPerSecond), rate(to.maxPerSecond)];
    changes.push(setting(`rate limit: ${before} → ${after}`, to.endpoint));
  }
  if (from.onBacklog !== to.onBacklog) {
    const [before, after] = [onBacklogText(from.onBacklog), onBacklogText(to.onBacklog)];
    changes.push(setting(`while events wait: ${before} → ${after}`, to.endpoint));
  }
  const headers = secretHeaderChanges(from.secretHeaders, to.secretHeaders);
  return [...changes, ...headers.map((text) => setting(text, to.endpoint))];
}

function processes({ processNames, processNamesLeftOut }: Settings): string {
  const more = processNamesLeftOut ? ` and ${processNamesLeftOut} more` : "";
  return processNames.length === 0 ? "all" : `${processNames.join(", ")}${more}`;
}

const attributes = ({ changed = [] }: Settings) => changed.join(", ") || "all";

const conditions = ({ where = {} }: Settings) => conditionsText(where) || "none";

const rate = (perSecond: number | null) => (perSecond === null ? "none" : `${perSecond} per second`);

function healthChanges(from: Health, to: Health): Change[] {
  const before = from.damaged ? `damaged (${from.damaged.join(", ")})` : from.health;
  const text = before === to.health ? `health: ${to.health}, as before` : `health: ${before} → ${to.health}`;
  return [setting(text, to.endpoint)];
}

function secretsChanges(from: Secrets | null, to: Secrets): Change[] {
  const kept = new Map(to.previous.map(({ fingerprint, expiresAt }) => [fingerprint, expiresAt]));
  const revoked = (from?.previous ?? []).filter(({ fingerprint }) => !kept.has(fingerprint));
  const until = from && kept.get(from.fingerprint);
  const [url, what] = to.endpoint ? [to.endpoint, "secret"] : [null, "key"];
  const texts = [
    `${to.fingerprint} is the new ${what}`,
    ...(from ? [`${from.fingerprint} ${until ? `valid until ${exactTime(until)}` : "revoked"}`] : []),
    ...revoked.map(({ fingerprint }) => `${fingerprint} revoked`),
  ];
  return texts.map((text) => setting(text, url));
}
