import type { Schemas } from "../api/client";
import type { SecretHeaderTimes } from "../endpoints/secret-header-changes";

/** A redacted URL: the values of its query may be tokens, and are left out. */
export interface RedactedUrl {
  origin: string;
  /** Path and query, perhaps truncated. Entries of earlier releases have none. */
  path?: string;
  endpointID: string;
}

/** Callbacks of one event type. The audit lists at most ten URLs, changed ones first. */
export interface Listed {
  enabled: boolean;
  urls: RedactedUrl[];
  urlsLeftOut?: number;
}

export type Callbacks = Record<Schemas["EventType"], Listed> & {
  replaces?: { from: RedactedUrl; to: RedactedUrl }[];
};

export interface Settings {
  endpoint: RedactedUrl;
  paused: boolean;
  processNames: string[];
  processNamesLeftOut?: number;
  /** Left out if empty, like `where`. */
  changed?: string[];
  where?: Schemas["EndpointSettings"]["where"];
  maxPerSecond: number | null;
  /** Left out if every event is sent. */
  onBacklog?: "latest";
  /** Times at which the values were set. */
  secretHeaders?: SecretHeaderTimes;
  pausedUntil?: string;
  name?: string;
  description?: string;
  contact?: string;
}

export interface Health {
  endpoint: RedactedUrl;
  health: "healthy" | "failing" | "disabled";
  damaged?: string[];
}

/** The secrets of an endpoint, or without one the keys of the workspace. */
export interface Secrets {
  endpoint?: RedactedUrl;
  fingerprint: string;
  previous: { fingerprint: string; expiresAt: string }[];
}

/** Formats a URL. The ID tells URLs apart that look the same: without path, truncated, or different in a value alone. */
export function urlText({ origin, path, endpointID }: RedactedUrl): string {
  const isWhole = path !== undefined && !`${origin}${path}`.includes("…");
  return isWhole ? origin + path : `${origin}${path ?? ""} (${endpointID.slice(0, 8)})`;
}
