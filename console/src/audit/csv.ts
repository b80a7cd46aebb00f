import { changesOf } from "./changes";
import { actionLabel, type Entry } from "./labels";
import { urlText } from "./states";

const HEADER = [
  "Time",
  "Caller ID",
  "Caller",
  "Action",
  "Event types",
  "Change",
  "URL before",
  "URL",
  "Entry ID",
];

/** Formats entries as CSV (RFC 4180), one line for each change. */
export function csvOf(entries: Entry[]): string {
  const lines = entries.flatMap((entry) => linesOf(entry));
  return [HEADER, ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

function linesOf(entry: Entry): string[][] {
  const { id, at, caller, action } = entry;
  const line = (types: string, text: string, before: string, after: string) => [
    at,
    caller.id,
    caller.name ?? "",
    actionLabel(action),
    types,
    text,
    before,
    after,
    id,
  ];
  const changes = changesOf(entry).map(({ eventTypes, text, old, url }) =>
    line(eventTypes.join(" "), text, old ? urlText(old) : "", url ? urlText(url) : ""),
  );
  return changes.length > 0 ? changes : [line("", "no change", "", "")];
}

/** Quotes a cell. A spreadsheet would compute a text that begins with one of these characters: it gets an apostrophe. */
function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
