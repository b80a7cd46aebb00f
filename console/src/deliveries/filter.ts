import type { operations } from "../api/schema";

type LogQuery = NonNullable<operations["list_deliveries"]["parameters"]["query"]>;

/** Filters of the API, without the paging parameters. */
export type ApiFilter = Omit<LogQuery, "limit" | "cursor">;

/** Properties with several values, each of which matches. In the address they are separated by commas. */
const LISTS = ["status", "statusCode", "reason", "eventType", "endpointID"] as const;
const TEXTS = ["instanceID", "processName", "eventID", "search"] as const;
const PROPERTIES = [...LISTS, ...TEXTS] as const;
export type Property = (typeof PROPERTIES)[number];
export const isList = (property: string) => LISTS.some((list) => list === property);

/** Filter of the log. Values are unchecked URL parameters, with the API's names: the API validates them. */
export interface Filter extends Partial<Record<Property | "since" | "until", string>> {
  /** Relative alternative to `since`, such as `15m`. */
  last?: string;
}

const KEYS = [...PROPERTIES, "since", "until", "last"] as const;

export function readFilter(address: URLSearchParams): Filter {
  const entries = KEYS.map((key) => [key, address.get(key)] as const).filter(([, value]) => value);
  return Object.fromEntries(entries);
}

/** Formats a filter as a query string. Equal filters give equal strings. */
export function writeFilter(filter: Filter): string {
  const entries = KEYS.flatMap((key) => (filter[key] ? [[key, filter[key]]] : []));
  const text = new URLSearchParams(entries).toString();
  return text && `?${text}`;
}

export const isEmpty = (filter: Filter) => writeFilter(filter) === "";

/** Converts a filter to the API's, with `last` resolved at `now`. */
export function apiFilter({ last, ...filter }: Filter, now = Date.now()): ApiFilter {
  const passed = last === undefined ? undefined : readLast(last);
  const since = passed ? new Date(now - passed.amount * UNITS[passed.unit]).toISOString() : filter.since;
  const lists = LISTS.flatMap((list) => {
    const values = filter[list];
    return values ? [[list, values.split(",")]] : [];
  });
  return { ...filter, ...(since && { since }), ...Object.fromEntries(lists) } as ApiFilter;
}

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
export type Unit = keyof typeof UNITS;
export const isUnit = (unit: string): unit is Unit => unit in UNITS;

/** Parses a relative time: `15m`, `1h`, `7d`. */
export function readLast(text: string): { amount: number; unit: Unit } | undefined {
  const [, amount, letter] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const unit = Object.keys(UNITS).find((unit) => unit[0] === letter);
  return amount && unit && isUnit(unit) ? { amount: Number(amount), unit } : undefined;
}

export const writeLast = (amount: number, unit: Unit) => `${amount}${unit[0]}`;

/** A condition on one property, with all values that match it. */
export interface Condition {
  property: Property;
  values: string[];
}

/** Returns the filter with these conditions. Those of one property with several values are joined; else the last wins. */
export function withConditions(filter: Filter, conditions: Condition[]): Filter {
  const { since, until, last } = filter;
  const changed: Filter = { since, until, last };
  for (const { property, values } of conditions) {
    const given = values.map((value) => value.trim()).filter(Boolean);
    if (isList(property)) {
      const before = changed[property]?.split(",") ?? [];
      changed[property] = [...new Set([...before, ...given])].join(",");
    } else {
      changed[property] = given.at(-1) ?? changed[property];
    }
  }
  return changed;
}

export function conditionsOf(filter: Filter): Condition[] {
  return PROPERTIES.flatMap((property) => {
    const value = filter[property];
    return value ? [{ property, values: isList(property) ? value.split(",") : [value] }] : [];
  });
}
