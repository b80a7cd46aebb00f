import PropertyFilter, { type PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { TimeRange } from "../deliveries/time-range";
import { changesOf } from "./changes";
import { type Filter, propertiesOf, withProperties } from "./filter";
import { callerLabel, type Entry, SUBJECTS, subjectLabel } from "./labels";
import { urlText } from "./states";

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
  /** Loaded entries. Their callers and URLs are suggested. */
  entries: Entry[];
}

/** Shows the filter of the audit. As in the API, each property has one value, and all must match. */
export function FilterBar({ filter, onChange, entries }: Props) {
  const callers = new Map(entries.map(({ caller }) => [caller.id, callerLabel(caller)]));
  const urls = urlsOf(entries);
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
              detail.tokens.map(({ propertyKey = "", value }) => ({
                property: propertyKey,
                value: String(value ?? "").trim(),
              })),
            ),
          )
        }
        filteringProperties={[
          property("subject", "Setting", "Settings", subjectLabel),
          property("callerID", "Caller", "Callers", (id) => callers.get(id) ?? id),
          property("endpointID", "URL", "URLs", (id) => urls.get(id) ?? id),
        ]}
        filteringOptions={[
          ...SUBJECTS.map((value) => ({ propertyKey: "subject", value, label: subjectLabel(value) })),
          ...[...callers].map(([value, label]) => ({ propertyKey: "callerID", value, label })),
          ...[...urls].map(([value, label]) => ({ propertyKey: "endpointID", value, label })),
        ]}
        disableFreeTextFiltering
        hideOperations
        expandToViewport
        filteringAriaLabel="Find changes"
        filteringPlaceholder="Find changes by setting, caller or URL"
        filteringEmpty="Nothing to suggest"
        virtualScroll
      />
      <TimeRange
        label="When the setting changed"
        filter={{ since: filter.since, until: filter.until, last: filter.last }}
        onChange={({ since, until, last }) => onChange({ ...filter, since, until, last })}
      />
    </div>
  );
}

function property(
  key: string,
  propertyLabel: string,
  groupValuesLabel: string,
  format: (value: string) => string,
): PropertyFilterProps.FilteringProperty {
  return { key, propertyLabel, groupValuesLabel, operators: [{ operator: "=", format }] };
}

/** Returns the changed URLs of the entries, by endpoint ID. */
export function urlsOf(entries: Entry[]): Map<string, string> {
  const urls = entries.flatMap((entry) => changesOf(entry).flatMap(({ old, url }) => [old, url]));
  return new Map(urls.flatMap((url) => (url ? [[url.endpointID, urlText(url)]] : [])));
}
