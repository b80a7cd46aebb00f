import type { Schemas } from "../api/client";
import { EVENT_TYPES } from "../labels/reasons";
import { exactTime } from "../labels/time";
import type { Entry } from "./labels";

/** One difference between the states before and after an entry. */
export interface Change {
  /** The event type concerned, if any. */
  about: string | null;
  /** The endpoint concerned, if any. */
  endpoint: Endpoint | null;
  text: string;
}

/** A redacted URL. Path and query are left out because they may carry a token. */
interface Endpoint {
  origin: string;
  endpointID: string;
}

/** Callbacks of one event type. The audit lists at most ten URLs, changed ones first. */
interface Listed {
  enabled: boolean;
  urls: Endpoint[];
  urlsLeftOut?: number;
}
type Callbacks = Record<Schemas["EventType"], Listed>;
interface Settings {
  endpoint: Endpoint;
  paused: boolean;
  processNames: string[];
  processNamesLeftOut?: number;
  maxPerSecond: number | null;
}
type Health = { endpoint: Endpoint; health: "healthy" | "failing" | "disabled"; damaged?: string[] };
type Secrets = { fingerprint: string; previous: { fingerprint: string; expiresAt: string }[] };

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
    case "other":
      return [{ about: null, endpoint: null, text: "by a later release: see the JSON" }];
  }
}

const NEVER_SET: Listed = { enabled: false, urls: [] };

function callbacksChanges(from: Callbacks | null, to: Callbacks | null): Change[] {
  return EVENT_TYPES.flatMap((about) => {
    const before = from?.[about] ?? NEVER_SET;
    const after = to?.[about] ?? NEVER_SET;
    const added = without(after.urls, before.urls);
    const removed = without(before.urls, after.urls);
    const changes: Change[] = [];
    if (before.enabled !== after.enabled) {
      changes.push({ about, endpoint: null, text: after.enabled ? "turned on" : "turned off" });
    }
    changes.push(...added.map((endpoint) => ({ about, endpoint, text: "added" })));
    changes.push(...removed.map((endpoint) => ({ about, endpoint, text: "removed" })));
    if (added.length + removed.length === 0 && idsOf(before.urls).join() !== idsOf(after.urls).join()) {
      changes.push({ about, endpoint: null, text: "reordered" });
    }
    const [leftBefore, leftAfter] = [before.urlsLeftOut ?? 0, after.urlsLeftOut ?? 0];
    if (leftBefore + leftAfter > 0) {
      const text = `${leftBefore} more URLs before and ${leftAfter} afterwards are not listed`;
      changes.push({ about, endpoint: null, text });
    }
    return changes;
  });
}

function settingsChanges(from: Settings, to: Settings): Change[] {
  const { endpoint } = to;
  const change = (text: string): Change => ({ about: null, endpoint, text });
  const changes: Change[] = [];
  if (from.paused !== to.paused) {
    changes.push(change(to.paused ? "paused" : "no longer paused"));
  }
  if (processes(from) !== processes(to)) {
    changes.push(change(`${processes(to)}, instead of ${processes(from)}`));
  }
  if (from.maxPerSecond !== to.maxPerSecond) {
    changes.push(change(`${rate(to.maxPerSecond)}, instead of ${rate(from.maxPerSecond)}`));
  }
  return changes;
}

function processes({ processNames, processNamesLeftOut }: Settings): string {
  const more = processNamesLeftOut ? ` and ${processNamesLeftOut} more` : "";
  return processNames.length === 0 ? "all processes" : `only ${processNames.join(", ")}${more}`;
}
const rate = (perSecond: number | null) =>
  perSecond === null ? "no limit" : `at most ${perSecond} per second`;

function healthChanges(from: Health, to: Health): Change[] {
  const was = from.damaged ? `damaged (${from.damaged.join(", ")})` : from.health;
  const text = was === to.health ? `${to.health} already` : `${to.health}, was ${was}`;
  return [{ about: null, endpoint: to.endpoint, text }];
}

function secretsChanges(from: Secrets | null, to: Secrets): Change[] {
  const change = (text: string): Change => ({ about: null, endpoint: null, text });
  const changes = [change(`${to.fingerprint} signs`)];
  if (from) {
    const still = to.previous.find(({ fingerprint }) => fingerprint === from.fingerprint);
    changes.push(
      change(
        still
          ? `${from.fingerprint} also signs until ${exactTime(still.expiresAt)}`
          : `${from.fingerprint} no longer signs`,
      ),
    );
    const kept = new Set(to.previous.map(({ fingerprint }) => fingerprint));
    const ended = from.previous.filter(({ fingerprint }) => !kept.has(fingerprint));
    changes.push(...ended.map(({ fingerprint }) => change(`${fingerprint} no longer signs`)));
  }
  return changes;
}

const idsOf = (endpoints: Endpoint[]) => endpoints.map(({ endpointID }) => endpointID);

function without(these: Endpoint[], those: Endpoint[]): Endpoint[] {
  const ids = new Set(idsOf(those));
  return these.filter(({ endpointID }) => !ids.has(endpointID));
}
