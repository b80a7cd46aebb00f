import PropertyFilter, { type PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { useMemo } from "react";
import { useEndpoints } from "../endpoints/use-endpoints";
import { EVENT_TYPES, statusLabel } from "../labels/reasons";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { type Filter, propertiesOf, withProperties } from "./filter";
import type { Delivery } from "./log";
import { TimeRange } from "./time-range";
import { urlLabel } from "./unrouted";

const STATUSES = ["pending", "delivered", "failed"] as const;

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
  /** Deliveries on the current page. They may name endpoints that are no longer configured. */
  deliveries: Delivery[];
}

/** Shows the filter of the log. As in the API, each property has one value, and all must match. */
export function FilterBar({ filter, onChange, deliveries }: Props) {
  const urls = useUrls(deliveries);
  const options = useMemo(() => optionsOf(urls), [urls]);
  const properties = useMemo(() => propertiesWith(urls), [urls]);
  const tokens = propertiesOf(filter).map(({ property, value }) => ({
    propertyKey: property,
    operator: "=",
    value,
  }));
  return (
    <div className="filter-bar">
      <PropertyFilter
        query={{ tokens, operation: "and" }}
        onChange={({ detail }) =>
          onChange(
            withProperties(
              filter,
              detail.tokens.map(({ propertyKey = "instanceID", value }) => ({
                property: propertyKey,
                value: String(value ?? "").trim(),
              })),
            ),
          )
        }
        filteringProperties={properties}
        filteringOptions={options}
        // Free text filters by instance ID.
        freeTextFiltering={{ operators: ["="], defaultOperator: "=" }}
        hideOperations
        expandToViewport
        filteringAriaLabel="Find deliveries"
        filteringPlaceholder="Find deliveries by status, event type, endpoint or instance"
        filteringEmpty="Nothing to suggest"
        virtualScroll
        i18nStrings={{ allPropertiesLabel: "Instance ID" }}
      />
      <TimeRange filter={filter} onChange={onChange} />
    </div>
  );
}

/** Returns the URL, or the label in its place, by endpoint ID. */
function useUrls(deliveries: Delivery[]): Map<string, string> {
  const { workspace } = useWorkspace();
  const enabled = may(useSession(), workspace, "callbacks:read");
  const endpoints = useEndpoints({ enabled, live: false }).data?.endpoints ?? [];
  const known = JSON.stringify([...deliveries, ...endpoints].map((it) => [it.endpointID, urlLabel(it)]));
  // Keyed by content: each refetch creates new objects for the same endpoints.
  return useMemo(() => new Map(JSON.parse(known)), [known]);
}

function propertiesWith(urls: Map<string, string>): PropertyFilterProps.FilteringProperty[] {
  const property = (
    key: string,
    name: string,
    groupValuesLabel: string,
    format: (value: string) => string = (value) => value,
  ) => ({
    key,
    propertyLabel: name,
    groupValuesLabel,
    operators: [{ operator: "=" as const, format }],
  });
  return [
    property("status", "Status", "Statuses", (status) => statusText(status)),
    property("eventType", "Event type", "Event types"),
    property("endpointID", "Endpoint", "Endpoints", (id) => urls.get(id) ?? id),
    property("instanceID", "Instance ID", "Instance IDs"),
  ];
}

function optionsOf(urls: Map<string, string>): PropertyFilterProps.FilteringOption[] {
  return [
    ...STATUSES.map((value) => ({ propertyKey: "status", value, label: statusText(value) })),
    ...EVENT_TYPES.map((value) => ({ propertyKey: "eventType", value })),
    ...[...urls].map(([value, label]) => ({ propertyKey: "endpointID", value, label })),
  ];
}

const statusText = (status: string) =>
  STATUSES.find((known) => known === status) ? statusLabel(status as Delivery["status"]).text : status;
