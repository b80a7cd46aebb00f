import type { Schemas } from "../api/client";
import type { LineProblem } from "../api/problem";
import { EVENT_TYPES } from "../labels/reasons";
import { trimUrl } from "./urls";

export type EventType = Schemas["EventType"];
/** The stored callbacks. `version` is `null` if they cannot be read. */
export type Callbacks = Omit<Schemas["StoredCallbacks"], "version"> & { version: number | null };

/** Form fields of one event type: the toggle, and the URLs as typed, one per line. */
export interface Fields {
  enabled: boolean;
  urls: string;
}

export type Form = Record<EventType, Fields>;

/** A non-blank line. */
export interface Line {
  /** Line number as the API counts it: from 1, blank lines included. */
  number: number;
  url: string;
}

/** A line that the API rejected. */
export interface LineError {
  url: string;
  detail: string;
  /** `true` if the URL itself is invalid, `false` if the list is too long. */
  lineSpecific: boolean;
}

export type LineErrors = Record<EventType, LineError[]>;

export const NO_LINE_ERRORS: LineErrors = { created: [], updated: [], deleted: [] };

/** Builds a record with one value per event type. */
export function each<T>(make: (eventType: EventType) => T): Record<EventType, T> {
  return { created: make("created"), updated: make("updated"), deleted: make("deleted") };
}

export function formOf(callbacks: Callbacks): Form {
  return each((eventType) => {
    const { enabled, urls } = callbacks[eventType];
    return { enabled, urls: urls.join("\n") };
  });
}

/** Returns `true` if no event type is enabled or has a URL. */
export const isEmpty = (form: Form) =>
  EVENT_TYPES.every((eventType) => !form[eventType].enabled && linesOf(form[eventType].urls).length === 0);

export function isChanged(form: Form, callbacks: Callbacks): boolean {
  const stored = formOf(callbacks);
  return EVENT_TYPES.some(
    (eventType) =>
      form[eventType].enabled !== stored[eventType].enabled ||
      form[eventType].urls !== stored[eventType].urls,
  );
}

/**
 * Applies a change to the fields of an event type. The first URL of an event type that was never used enables it: URLs
 * are entered to be called.
 */
export function changedFields(stored: Schemas["Callback"], fields: Fields, change: Partial<Fields>): Fields {
  const isFirst = linesOf(fields.urls).length === 0 && linesOf(change.urls ?? "").length > 0;
  const neverUsed = !stored.enabled && stored.urls.length === 0;
  return { ...fields, ...(isFirst && neverUsed ? { enabled: true } : {}), ...change };
}

export function linesOf(urls: string): Line[] {
  return urls
    .split("\n")
    .map((text, index) => ({ number: index + 1, url: trimUrl(text) }))
    .filter(({ url }) => url !== "");
}

/** Returns the URLs that the API will store: without blank lines and duplicates. */
export function urlsOf(urls: string): string[] {
  return [...new Set(linesOf(urls).map(({ url }) => url))];
}

/** Returns the offsets of a line within the text. */
export function rangeOfLine(urls: string, number: number): [start: number, end: number] {
  const lines = urls.split("\n");
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  return [start, start + (lines[number - 1]?.length ?? 0)];
}

/** Groups the API's line problems by event type. */
export function lineErrorsOf(form: Form, problems: LineProblem[]): LineErrors {
  return each((of) =>
    problems
      .filter(({ eventType }) => eventType === of)
      .map(({ line, detail, type }) => ({
        url: trimUrl(form[of].urls.split("\n")[line - 1] ?? ""),
        detail: withoutLinePrefix(detail, of, line),
        lineSpecific: !type.endsWith(":too-many-urls"),
      })),
  );
}

/** Removes the line number from the detail: the form shows the current one. */
const withoutLinePrefix = (detail: string, eventType: EventType, line: number) =>
  detail.replace(`${eventType}, line ${line}: `, "");

/** Returns the errors that still apply after an edit. An error follows its URL to another line. */
export function remainingErrors(errors: LineError[], urls: string): LineError[] {
  const left = new Set(linesOf(urls).map(({ url }) => url));
  return errors.filter(({ url, lineSpecific }) => lineSpecific && left.has(url));
}

/** Returns the lines that have an error, with their current numbers. */
export function linesWithErrors(errors: LineError[], urls: string): (Line & { detail: string })[] {
  return linesOf(urls).flatMap((line) => {
    const found = errors.find(({ url }) => url === line.url);
    return found ? [{ ...line, detail: found.detail }] : [];
  });
}
