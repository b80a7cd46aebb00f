import { httpStatus } from "../labels/http-status";
import { EVENT_TYPES, FAILURE_REASONS } from "../labels/reasons";
import { conditionsOf, type Filter, type Property } from "./filter";

export const PROPERTY_LABELS: Record<Property, string> = {
  status: "Status",
  statusCode: "Status code",
  reason: "Reason",
  eventType: "Event",
  endpointID: "Endpoint",
  instanceID: "Instance ID",
  processName: "Process",
  eventID: "Event ID (webhook-id)",
  search: "Search",
};

const STATUS_LABELS: [string, string][] = [
  ["failed", "Failed"],
  ["pending", "Pending (retrying or waiting)"],
  ["delivered", "Delivered"],
  ["superseded", "Superseded"],
];

/** Status codes that are suggested. Any other can be typed. */
const CODES: [string, string][] = [
  ["5xx", "5xx: any server error"],
  ["4xx", "4xx: any rejection"],
  ["3xx", "3xx: any redirect"],
  ["2xx", "2xx: acknowledged"],
  ...[400, 401, 403, 404, 410, 422, 429, 500, 502, 503, 504].map((code): [string, string] => [
    String(code),
    httpStatus(code),
  ]),
];

/** Suggested values with their labels, by property. `urls` are the endpoints' URLs by ID. */
export function suggestions(urls: Map<string, string>): Partial<Record<Property, [string, string][]>> {
  return {
    status: STATUS_LABELS,
    statusCode: CODES,
    reason: FAILURE_REASONS,
    eventType: EVENT_TYPES.map((type) => [type, type]),
    endpointID: [...urls],
  };
}

/** Returns the label of a value. */
export function valueLabel(property: Property, value: string, urls: Map<string, string>): string {
  if (property === "statusCode") {
    return value;
  }
  return suggestions(urls)[property]?.find(([known]) => known === value)?.[1] ?? value;
}

/** Describes a filter: `Status: Failed · Endpoint: https://… · since 31 Jan, 12:00:00`. */
export function filterText(filter: Filter, urls: Map<string, string>, time: (at: string) => string): string {
  const { since, until, last } = filter;
  return [
    ...conditionsOf(filter).map(
      ({ property, values }) =>
        `${PROPERTY_LABELS[property]}: ${values.map((value) => valueLabel(property, value, urls)).join(" or ")}`,
    ),
    ...(last ? [`last ${last}`] : []),
    ...(since ? [`since ${time(since)}`] : []),
    ...(until ? [`before ${time(until)}`] : []),
  ].join(" · ");
}
