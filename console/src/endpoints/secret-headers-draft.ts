import type { Schemas } from "../api/client";

type Stored = Schemas["EndpointSettings"]["secretHeaders"];

/** A row of the form: one secret header. */
export interface HeaderRow {
  name: string;
  /** The new value, as typed; `undefined` keeps the stored one. */
  value: string | undefined;
  /** Time at which the stored value was set; missing for a new header. */
  changedAt?: string;
}

/** The errors of a row, by field. */
export type HeaderErrors = Partial<Record<"name" | "value", string>>;

/** Unsaved changes of the secret headers. Headers without a change follow changes by other users. */
export interface HeadersDraft {
  /** New values of stored headers, by name; `null` removes one. */
  stored: ReadonlyMap<string, string | null>;
  added: HeaderRow[];
}

export const NEW_HEADER: HeaderRow = { name: "", value: "" };

/** Maximum number of secret headers of an endpoint. */
export const MAX_HEADERS = 10;

const UNCHANGED: HeadersDraft = { stored: new Map(), added: [] };

/** What the API allows as a value. */
const VALUE = /^[!-~]([ -~]*[!-~])?$/;

const NAME_ERROR = "Enter the name of a header.";
const REPEATED_ERROR = "This header is in the list already.";
const VALUE_ERROR = "Enter a value, or remove the header.";

/** Returns the stored headers with the draft applied, then the added ones. */
export function headerRows(stored: Stored, { stored: changed, added } = UNCHANGED): HeaderRow[] {
  const kept = stored.flatMap(({ name, changedAt }) => {
    const value = changed.get(name);
    return value === null ? [] : [{ name, changedAt, value }];
  });
  return [...kept, ...added];
}

/** Returns the draft that the edited rows stand for. */
export function headersDraft(stored: Stored, rows: HeaderRow[]): HeadersDraft {
  const changed = new Map<string, string | null>();
  for (const { name } of stored) {
    const row = rows.find((it) => it.changedAt !== undefined && it.name === name);
    const value = row ? row.value : null;
    if (value !== undefined) {
      changed.set(name, value);
    }
  }
  return { stored: changed, added: rows.filter(({ changedAt }) => changedAt === undefined) };
}

/** Returns the headers to set and to remove; `undefined` if there are none. */
export function changedHeaders({ stored, added } = UNCHANGED): Record<string, string | null> | undefined {
  const replaced = [...stored].map(([name, value]) => [name, value?.trim() ?? null] as const);
  const entries = [
    ...replaced.filter(([, value]) => value !== ""),
    ...added.filter(isFilled).map((row) => [nameOf(row), typedValue(row)] as const),
  ];
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Returns the errors that are known without the API, by row. */
export const headerErrors = (rows: HeaderRow[]): HeaderErrors[] =>
  rows.map((row, index) => {
    if (row.changedAt !== undefined || !isFilled(row)) {
      return {};
    }
    const repeated = rows.slice(0, index).some((other) => nameOf(other) === nameOf(row));
    return {
      ...(nameOf(row) === "" ? { name: NAME_ERROR } : repeated && { name: REPEATED_ERROR }),
      ...(typedValue(row) === "" && { value: VALUE_ERROR }),
    };
  });

/** Assigns the API's error in the field `secretHeaders.NAME` to its row; `undefined` if none has the name. */
export function errorsAtHeader(rows: HeaderRow[], field: string, detail: string): HeaderErrors[] | undefined {
  const name = field.slice("secretHeaders.".length);
  const at = rows.findIndex((row) => row.value !== undefined && nameOf(row) === name);
  const isOfName = rows[at]?.changedAt === undefined && VALUE.test(typedValue(rows[at]));
  return at < 0
    ? undefined
    : rows.map((_, index) => (index === at ? { [isOfName ? "name" : "value"]: detail } : {}));
}

/** Blanks around a name or a value are never part of it. */
const nameOf = ({ name }: HeaderRow) => name.trim().toLowerCase();
const typedValue = (row: HeaderRow | undefined) => row?.value?.trim() ?? "";

const isFilled = (row: HeaderRow) => nameOf(row) !== "" || typedValue(row) !== "";
