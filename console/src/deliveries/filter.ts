import type { operations } from "../api/schema";

type LogQuery = NonNullable<operations["list_deliveries"]["parameters"]["query"]>;

/** Filters of the API, without the paging parameters. */
export type ApiFilter = Omit<LogQuery, "limit" | "cursor">;

const PROPERTIES = ["status", "eventType", "endpointID", "instanceID"] as const;
export type Property = (typeof PROPERTIES)[number];

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
  return { ...filter, ...(since && { since }) } as ApiFilter;
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

/** Returns the filter with these properties. The last value of a property wins, because the API accepts one. */
export function withProperties(filter: Filter, tokens: { property: string; value: string }[]): Filter {
  const { since, until, last } = filter;
  const properties = Object.fromEntries(
    tokens.filter(({ value }) => value).map(({ property, value }) => [property, value]),
  );
  return { ...properties, since, until, last };
}

export function propertiesOf(filter: Filter): { property: Property; value: string }[] {
  return PROPERTIES.flatMap((property) => {
    const value = filter[property];
    return value ? [{ property, value }] : [];
  });
}
