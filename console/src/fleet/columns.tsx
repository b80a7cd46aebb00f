import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import { RelativeTime } from "../components/time";
import { backlogLabel, conditionLabel } from "../endpoints/labels";
import { pathsOf } from "../paths";
import { healthLabels } from "./labels";
import type { Workspace } from "./use-fleet";

type NeedingAttention = Workspace["attention"][number];

/** Returns the columns. `mayOpen` tells whether the user has a role in a workspace. */
export function columnsOf(
  mayOpen: (workspace: string) => boolean,
  follow: (event: CustomEvent<{ href?: string }>) => void,
): TableProps.ColumnDefinition<Workspace>[] {
  return [
    {
      id: "workspace",
      header: "Workspace",
      isRowHeader: true,
      minWidth: 180,
      cell: ({ workspaceID }) =>
        mayOpen(workspaceID) ? (
          <Link href={pathsOf(workspaceID).overview} onFollow={follow}>
            {workspaceID}
          </Link>
        ) : (
          workspaceID
        ),
    },
    {
      id: "health",
      header: "Endpoints",
      minWidth: 180,
      cell: (workspace) => (
        <SpaceBetween direction="horizontal" size="s">
          {healthLabels(workspace).map(({ text, type }) => (
            <StatusIndicator key={text} type={type}>
              {text}
            </StatusIndicator>
          ))}
        </SpaceBetween>
      ),
    },
    { id: "backlog", header: "Backlog", minWidth: 110, cell: ({ backlog }) => backlogLabel(backlog) },
    {
      id: "attention",
      header: "Needs attention",
      minWidth: 280,
      cell: ({ attention }) =>
        attention.length === 0
          ? "–"
          : attention.map((endpoint) => <Trouble key={endpoint.endpointID} endpoint={endpoint} />),
    },
  ];
}

/** Shows an endpoint with its condition, and since when. */
function Trouble({ endpoint: { origin, health } }: { endpoint: NeedingAttention }) {
  const condition = health.state === "slow" || health.state === "healthy" ? undefined : health.state;
  if (!condition) {
    return null;
  }
  const since =
    health.state === "failing"
      ? health.failingSince
      : health.state === "disabled"
        ? health.disabledSince
        : undefined;
  const { text, type } = conditionLabel(condition);
  return (
    <div>
      {origin}{" "}
      <Box display="inline" color="text-body-secondary">
        <StatusIndicator type={type}>{text}</StatusIndicator>
        {since && (
          <>
            {" since "}
            <RelativeTime at={since} />
          </>
        )}
      </Box>
    </div>
  );
}
