import type { Schemas } from "../api/client";
import type { LineProblem } from "../api/problem";
import { EVENT_TYPES } from "../labels/reasons";

export type EventType = Schemas["EventType"];
/** What is set; without a version where what is stored could not be read. */
export type Callbacks = Omit<Schemas["CallbacksBody"], "version"> & { version: number | null };

/** One event type's fields: the switch, and the URLs as they were typed, one a line. */
export interface Fields {
  enabled: boolean;
  urls: string;
}

export type Form = Record<EventType, Fields>;

/** A line of URLs that has something in it. */
export interface Line {
  /** As the API counts: from 1, blank lines too. */
  number: number;
  url: string;
}

/** A line that the API has refused. */
export interface LineError {
  url: string;
  detail: string;
  /** Whether it is refused for what is in it, and not for how many there are. */
  lineSpecific: boolean;
}

export type LineErrors = Record<EventType, LineError[]>;

export const NO_LINE_ERRORS: LineErrors = { created: [], updated: [], deleted: [] };

/** The same for each event type. */
export function each<T>(make: (eventType: EventType) => T): Record<EventType, T> {
  return { created: make("created"), updated: make("updated"), deleted: make("deleted") };
}

export function formOf(callbacks: Callbacks): Form {
  return each((eventType) => {
    const { enabled, urls } = callbacks[eventType];
    return { enabled, urls: urls.join("\n") };
  });
}

/** Whether no event type is on or has a URL. */
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

export function linesOf(urls: string): Line[] {
  return urls
    .split("\n")
    .map((text, index) => ({ number: index + 1, url: text.trim() }))
    .filter(({ url }) => url !== "");
}

/** What the API keeps of them: no blank lines, no repeats. */
export function urlsOf(urls: string): string[] {
  return [...new Set(linesOf(urls).map(({ url }) => url))];
}

/** Where a line begins and ends within the text. */
export function rangeOfLine(urls: string, number: number): [start: number, end: number] {
  const lines = urls.split("\n");
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  return [start, start + (lines[number - 1]?.length ?? 0)];
}

/** Which lines of the form the API's answer is about. */
export function lineErrorsOf(form: Form, problems: LineProblem[]): LineErrors {
  return each((of) =>
    problems
      .filter(({ eventType }) => eventType === of)
      .map(({ line, detail, type }) => ({
        url: form[of].urls.split("\n")[line - 1]?.trim() ?? "",
        detail: withoutLinePrefix(detail, of, line),
        lineSpecific: !type.endsWith(":too-many-urls"),
      })),
  );
}

/** The words alone: the place is shown where the line stands by now. */
const withoutLinePrefix = (detail: string, eventType: EventType, line: number) =>
  detail.replace(`${eventType}, line ${line}: `, "");

/** A refusal holds for as long as the line stands there, wherever it moves. */
export function remainingErrors(errors: LineError[], urls: string): LineError[] {
  const left = new Set(linesOf(urls).map(({ url }) => url));
  return errors.filter(({ url, lineSpecific }) => lineSpecific && left.has(url));
}

/** The refused lines where they stand now. */
export function linesWithErrors(errors: LineError[], urls: string): (Line & { detail: string })[] {
  return linesOf(urls).flatMap((line) => {
    const found = errors.find(({ url }) => url === line.url);
    return found ? [{ ...line, detail: found.detail }] : [];
  });
}
