import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";
import { RelativeTime } from "../components/time";
import type { pathsOf } from "../paths";
import { type Endpoint, worstFirst } from "./condition";
import { ConditionIndicator } from "./condition-indicator";
import { DamageNote } from "./damage-note";
import { eventTypesLabel } from "./event-types";
import { backlogLabel } from "./labels";
import { nameOf, shortUrl } from "./names";
import { NextAttempt } from "./next-attempt";
import { RowActions } from "./row-actions";
import { SettingsBadges } from "./settings-badges";

const byTime = (of: (endpoint: Endpoint) => string | null) => (one: Endpoint, other: Endpoint) =>
  (of(one) ?? "").localeCompare(of(other) ?? "");

export const SORTED_BY_HEALTH = { sortingComparator: worstFirst };

export function columnsOf(
  paths: ReturnType<typeof pathsOf>,
  follow: (event: CustomEvent<{ href?: string }>) => void,
  { mayChange }: { mayChange: boolean },
): TableProps.ColumnDefinition<Endpoint>[] {
  return [
    {
      id: "name",
      header: "Endpoint",
      isRowHeader: true,
      minWidth: 260,
      maxWidth: 460,
      sortingComparator: (one, other) => nameOf(one).localeCompare(nameOf(other)),
      cell: (endpoint) => (
        <span title={endpoint.url}>
          <Link href={paths.endpoint(endpoint.endpointID)} onFollow={follow}>
            {nameOf(endpoint)}
          </Link>
          {endpoint.settings.name !== null && (
            <Box variant="small" display="block">
              {shortUrl(endpoint.url)}
            </Box>
          )}
        </span>
      ),
    },
    {
      id: "health",
      header: "Health",
      minWidth: 170,
      ...SORTED_BY_HEALTH,
      cell: (endpoint) => (
        <>
          <ConditionIndicator endpoint={endpoint} />
          <DamageNote endpoint={endpoint} />
        </>
      ),
    },
    {
      id: "backlog",
      header: "Backlog",
      minWidth: 100,
      sortingComparator: (one, other) => one.backlog.pending - other.backlog.pending,
      cell: ({ backlog }) => backlogLabel(backlog),
    },
    {
      id: "next",
      header: "Next attempt",
      minWidth: 160,
      cell: (endpoint) => <NextAttempt endpoint={endpoint} />,
    },
    {
      id: "success",
      header: "Last success",
      minWidth: 160,
      sortingComparator: byTime(({ lastSuccessAt }) => lastSuccessAt),
      cell: ({ lastSuccessAt }) => (lastSuccessAt ? <RelativeTime at={lastSuccessAt} /> : "–"),
    },
    {
      id: "failure",
      header: "Last failure",
      minWidth: 160,
      sortingComparator: byTime(({ lastFailureAt }) => lastFailureAt),
      cell: ({ lastFailureAt }) => (lastFailureAt ? <RelativeTime at={lastFailureAt} /> : "–"),
    },
    { id: "events", header: "Events", minWidth: 130, cell: ({ eventTypes }) => eventTypesLabel(eventTypes) },
    {
      id: "settings",
      header: "Settings",
      minWidth: 180,
      cell: ({ settings }) => <SettingsBadges settings={settings} />,
    },
    ...(mayChange
      ? [
          {
            id: "actions",
            header: "Actions",
            minWidth: 90,
            cell: (endpoint: Endpoint) => <RowActions endpoint={endpoint} />,
          },
        ]
      : []),
  ];
}
