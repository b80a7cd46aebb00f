import type { operations } from "../api/schema";
import { apiFilter as resolved } from "../deliveries/filter";

type AuditQuery = NonNullable<operations["list_audit"]["parameters"]["query"]>;

/** Filters of the API, without the paging parameters. */
export type ApiFilter = Omit<AuditQuery, "limit" | "cursor">;

const PROPERTIES = ["subject", "callerID", "endpointID"] as const;
export type Property = (typeof PROPERTIES)[number];

const RANGE = ["since", "until", "last"] as const;
/** A range of time. `last` is relative, such as `7d`. */
export type Range = Partial<Record<(typeof RANGE)[number], string>>;

/** Filter of the audit. Values are unchecked URL parameters, with the API's names: the API validates them. */
export type Filter = Range & Partial<Record<Property, string>>;

export function readFilter(address: URLSearchParams): Filter {
  const entries = [...PROPERTIES, ...RANGE].map((key) => [key, address.get(key)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value));
}

/** Formats a filter as a query string. Equal filters give equal strings. */
export function writeFilter(filter: Filter): string {
  const entries = [...PROPERTIES, ...RANGE].flatMap((key) => (filter[key] ? [[key, filter[key]]] : []));
  return new URLSearchParams(entries).toString();
}

/** Converts a filter to the API's, with `last` resolved at `now`. */
export function apiFilter({ subject, callerID, endpointID, ...range }: Filter, now = Date.now()): ApiFilter {
  const properties = Object.entries({ subject, callerID, endpointID }).filter(([, value]) => value);
  return { ...Object.fromEntries(properties), ...resolved(range, now) } as ApiFilter;
}

/** Returns the filter with these properties. The last value of a property wins, because the API accepts one. */
export function withProperties(filter: Filter, tokens: { property: string; value: string }[]): Filter {
  const { since, until, last } = filter;
  const properties = tokens.filter(({ value }) => value).map(({ property, value }) => [property, value]);
  return { ...Object.fromEntries(properties), since, until, last };
}

export function propertiesOf(filter: Filter): { property: Property; value: string }[] {
  return PROPERTIES.flatMap((property) => {
    const value = filter[property];
    return value ? [{ property, value }] : [];
  });
}
