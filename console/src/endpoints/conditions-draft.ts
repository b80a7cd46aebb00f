import type { Where } from "./called-when";

/** A row of the form: one condition on one attribute. Rows of the same attribute are alternatives. */
export interface ConditionRow {
  path: string;
  isPrefix: boolean;
  /** The exact value, or its beginning. */
  text: string;
}

/** The errors of a row, by field. */
export type RowErrors = Partial<Record<"path" | "text", string>>;

export const NEW_ROW: ConditionRow = { path: "", isPrefix: false, text: "" };

const PATH_ERROR = "Enter the path of an attribute.";
const TEXT_ERROR = "Enter a value, or remove the condition.";

/** Returns a row for each condition. */
export const rowsOf = (where: Where): ConditionRow[] =>
  Object.entries(where).flatMap(([path, any]) =>
    any.map((it) =>
      typeof it === "string"
        ? { path, isPrefix: false, text: it }
        : { path, isPrefix: true, text: it.prefix },
    ),
  );

/** Returns the conditions of the rows, by path. Rows in which nothing is typed are left out. */
export function whereOf(rows: ConditionRow[], stored: Where): Where {
  const all = new Map<string, Where[string]>();
  for (const row of rows.filter(isFilled)) {
    const path = pathOf(row, stored);
    all.set(path, [...(all.get(path) ?? []), row.isPrefix ? { prefix: row.text } : row.text]);
  }
  return Object.fromEntries(all);
}

/** Returns whether two `where` are equal. The order of the attributes has no meaning. */
export function isSameWhere(one: Where, other: Where): boolean {
  const sorted = (where: Where) => JSON.stringify(Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}

/** Returns the errors of incomplete rows. Only the API can set an empty text: a stored one is no mistake. */
export function incomplete(rows: ConditionRow[], stored: Where): RowErrors[] {
  const known = rowsOf(stored);
  return rows.map((row) => {
    const isStored = known.some(
      (it) => it.path === row.path && it.isPrefix === row.isPrefix && it.text === "",
    );
    return {
      ...(isFilled(row) && row.path.trim() === "" && { path: PATH_ERROR }),
      ...(isFilled(row) && row.text === "" && !isStored && { text: TEXT_ERROR }),
    };
  });
}

/** Returns the rows that are complete. */
export const complete = (rows: ConditionRow[], stored: Where): ConditionRow[] => {
  const errors = incomplete(rows, stored);
  return rows.filter((_, index) => Object.keys(errors[index] ?? {}).length === 0);
};

/** Assigns the API's error in `where.status` or `where.status[1]` to its row; `undefined` if it belongs to none. */
export function errorsAtRow(
  rows: ConditionRow[],
  stored: Where,
  field: string,
  detail: string,
): RowErrors[] | undefined {
  const paths = rows.map((row) => (isFilled(row) ? pathOf(row, stored) : ""));
  const [path] = paths
    .filter((it) => it !== "" && /^(\[\d+\].*)?$/.test(restOf(field, it)))
    .sort((one, other) => other.length - one.length);
  if (path === undefined) {
    return undefined;
  }
  const position = /^\[(\d+)\]/.exec(restOf(field, path))?.[1];
  const ofPath = paths.flatMap((it, index) => (it === path ? [index] : []));
  const at = ofPath[Number(position ?? 0)];
  return rows.map((_, index) => (index === at ? { [position ? "text" : "path"]: detail } : {}));
}

/** Returns what follows a path in the name of a field, or the whole name if it is another path's. */
const restOf = (field: string, path: string) =>
  field.startsWith(`where.${path}`) ? field.slice(`where.${path}`.length) : field;

const isFilled = ({ path, text }: ConditionRow) => path.trim() !== "" || text !== "";

/** Returns the path without blanks around it, unless it is stored with them. */
const pathOf = ({ path }: ConditionRow, stored: Where) => (Object.hasOwn(stored, path) ? path : path.trim());
