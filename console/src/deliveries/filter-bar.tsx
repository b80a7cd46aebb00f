import PropertyFilter, { type PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { memo, useMemo } from "react";
import { conditionsOf, type Filter, isList, type Property, withConditions } from "./filter";
import { PROPERTY_LABELS, suggestions, valueLabel } from "./filter-labels";
import { TimeRange } from "./time-range";

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
  /** URLs by endpoint ID. */
  urls: Map<string, string>;
}

/** Shows the filter of the log. All conditions have to match, and one of the values of each. */
export const FilterBar = memo(({ filter, onChange, urls }: Props) => {
  const options = useMemo(() => optionsOf(urls), [urls]);
  const properties = useMemo(() => propertiesWith(urls), [urls]);
  const tokens = conditionsOf(filter).map(({ property, values }) =>
    property === "search"
      ? { operator: ":", value: values[0] }
      : { propertyKey: property, operator: "=", value: isList(property) ? values : values[0] },
  );
  return (
    <div className="filter-bar">
      <PropertyFilter
        query={{ tokens, operation: "and" }}
        onChange={({ detail }) =>
          onChange(
            withConditions(
              filter,
              detail.tokens.map(({ propertyKey = "search", value }) => ({
                property: propertyKey as Property,
                values: [value ?? []].flat().map(String),
              })),
            ),
          )
        }
        filteringProperties={properties}
        filteringOptions={options}
        // The API searches ids, the beginning of instance ids, and names of processes.
        freeTextFiltering={{ operators: [":"], defaultOperator: ":" }}
        hideOperations
        expandToViewport
        filteringAriaLabel="Find deliveries"
        filteringPlaceholder="Search by webhook-id, delivery ID, instance or process, or choose a filter"
        filteringEmpty="No suggestions"
        virtualScroll
        i18nStrings={{ allPropertiesLabel: "IDs, instances and processes" }}
      />
      <TimeRange filter={filter} onChange={onChange} />
    </div>
  );
});

function propertiesWith(urls: Map<string, string>): PropertyFilterProps.FilteringProperty[] {
  const labels = Object.entries(PROPERTY_LABELS) as [Property, string][];
  return labels
    .filter(([key]) => key !== "search")
    .map(([key, propertyLabel]) => ({
      key,
      propertyLabel,
      groupValuesLabel: `${propertyLabel}: values`,
      operators: [
        {
          operator: "=" as const,
          ...(isList(key) && { tokenType: "enum" as const }),
          format: (value: string | string[]) =>
            [value ?? []]
              .flat()
              .map((one) => valueLabel(key, one, urls))
              .join(" or "),
        },
      ],
    }));
}

function optionsOf(urls: Map<string, string>): PropertyFilterProps.FilteringOption[] {
  return Object.entries(suggestions(urls)).flatMap(([propertyKey, values]) =>
    values.map(([value, label]) => ({ propertyKey, value, label })),
  );
}
