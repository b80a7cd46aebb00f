/** What of the log is shown: it stands in the address, by the names that the API has for it. */
import type { operations } from "../api/schema";

type LogQuery = NonNullable<operations["list_deliveries"]["parameters"]["query"]>;

/** The API's filters, without what makes pages. */
export type ApiFilter = Omit<LogQuery, "limit" | "cursor">;

const PROPERTIES = ["status", "eventType", "endpointID", "instanceID"] as const;
export type Property = (typeof PROPERTIES)[number];

/** Values are as the address has them: the API says what is wrong with one. */
export interface Filter extends Partial<Record<Property | "since" | "until", string>> {
  /** In place of `since`: the time that has passed since, such as `15m`. */
  last?: string;
}

const KEYS = [...PROPERTIES, "since", "until", "last"] as const;

export function readFilter(address: URLSearchParams): Filter {
  const entries = KEYS.map((key) => [key, address.get(key)] as const).filter(([, value]) => value);
  return Object.fromEntries(entries);
}

/** For an address; the same filter gives the same text. */
export function writeFilter(filter: Filter): string {
  const entries = KEYS.flatMap((key) => (filter[key] ? [[key, filter[key]]] : []));
  const text = new URLSearchParams(entries).toString();
  return text && `?${text}`;
}

export const isEmpty = (filter: Filter) => writeFilter(filter) === "";

/** What the API is asked for, at that moment. */
export function apiFilter({ last, ...filter }: Filter, now = Date.now()): ApiFilter {
  const passed = last === undefined ? undefined : readLast(last);
  const since = passed ? new Date(now - passed.amount * UNITS[passed.unit]).toISOString() : filter.since;
  return { ...filter, ...(since && { since }) } as ApiFilter;
}

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
export type Unit = keyof typeof UNITS;
export const isUnit = (unit: string): unit is Unit => unit in UNITS;

/** `15m`, `1h`, `7d`. */
export function readLast(text: string): { amount: number; unit: Unit } | undefined {
  const [, amount, letter] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const unit = Object.keys(UNITS).find((unit) => unit[0] === letter);
  return amount && unit && isUnit(unit) ? { amount: Number(amount), unit } : undefined;
}

export const writeLast = (amount: number, unit: Unit) => `${amount}${unit[0]}`;

/** A property's values; the newer one counts where there are several, as the API takes one. */
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
