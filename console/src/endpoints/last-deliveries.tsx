import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";
import { POLL_INTERVAL_MS, query, type Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { ListTable } from "../components/list-table";
import { Time } from "../components/time";
import { useLastError } from "../components/use-last-error";
import { giveUpLabel, reasonLabel, statusLabel } from "../labels/reasons";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";

type Delivery = Schemas["Delivery"];

const MAX_SHOWN = 5;

/** Number of pending deliveries searched for failed attempts. */
const SEARCHED_PENDING = 50;

/** Lists the last deliveries to an endpoint, pending ones included, or only those with a failed attempt. */
export function LastDeliveries({ endpoint: { endpointID } }: { endpoint: Endpoint }) {
  const [shown, setShown] = useState("all");
  const failures = shown === "failures";
  const { items, isPending, broken } = useLastDeliveries(endpointID, failures);
  const columns = useColumns();
  if (broken) {
    return <ErrorAlert error={broken.error} onRetry={broken.refetch} />;
  }
  return (
    <ListTable
      items={items}
      columnDefinitions={columns}
      trackBy="deliveryID"
      loading={isPending}
      loadingText="Loading deliveries"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Last deliveries" }}
      header={<ListHeader endpointID={endpointID} shown={shown} onShown={setShown} />}
      empty={
        <Box color="text-status-inactive">
          {failures ? "No failures" : "No deliveries"} within the retention time of the log
        </Box>
      }
    />
  );
}

/** Returns the last deliveries, or those with a failed attempt, and the call that failed, if one did. */
function useLastDeliveries(endpointID: string, failures: boolean) {
  const last = useDeliveries(endpointID, { limit: MAX_SHOWN }, !failures);
  const failed = useDeliveries(endpointID, { status: "failed", limit: MAX_SHOWN }, failures);
  const pending = useDeliveries(endpointID, { status: "pending", limit: SEARCHED_PENDING }, failures);
  const reads = failures ? [failed, pending] : [last];
  const items = reads
    .flatMap(({ data }) => data?.deliveries ?? [])
    .filter(({ lastReason, status }) => !failures || status === "failed" || lastReason !== null)
    .sort((one, other) => Date.parse(other.changedAt) - Date.parse(one.changedAt))
    .slice(0, MAX_SHOWN);
  return {
    items,
    isPending: reads.some(({ isPending }) => isPending),
    broken: reads.find(({ error }) => error),
  };
}

function useColumns(): TableProps.ColumnDefinition<Delivery>[] {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  return [
    {
      id: "instance",
      header: "Instance",
      isRowHeader: true,
      cell: ({ deliveryID, instanceID }) => (
        <Link href={paths.delivery(deliveryID)} onFollow={follow}>
          {instanceID}
        </Link>
      ),
    },
    { id: "event", header: "Event", cell: ({ eventType }) => eventType },
    {
      id: "status",
      header: "Status",
      cell: ({ status }) => {
        const { type, text } = statusLabel(status);
        return <StatusIndicator type={type}>{text}</StatusIndicator>;
      },
    },
    { id: "at", header: "Instance changed", cell: ({ changedAt }) => <Time at={changedAt} /> },
    {
      id: "reason",
      header: "Reason of the last failure",
      cell: ({ lastReason, giveUpReason }) =>
        lastReason ? reasonLabel(lastReason).title : giveUpReason ? giveUpLabel(giveUpReason).title : "–",
    },
  ];
}

interface ListHeaderProps {
  endpointID: string;
  shown: string;
  onShown: (shown: string) => void;
}

function ListHeader({ endpointID, shown, onShown }: ListHeaderProps) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const status = shown === "failures" ? "&status=failed" : "";
  return (
    <Header
      variant="h2"
      actions={
        <SpaceBetween direction="horizontal" size="s" alignItems="center">
          <SegmentedControl
            label="Deliveries shown"
            selectedId={shown}
            options={[
              { id: "all", text: "All" },
              { id: "failures", text: "Failures" },
            ]}
            onChange={({ detail }) => onShown(detail.selectedId)}
          />
          <Link href={`${paths.deliveries}?endpointID=${endpointID}${status}`} onFollow={follow}>
            View all
          </Link>
        </SpaceBetween>
      }
    >
      Last deliveries
    </Header>
  );
}

function useDeliveries(
  endpointID: string,
  filter: { status?: Schemas["Status"]; limit: number },
  enabled: boolean,
) {
  const { workspace } = useWorkspace();
  const read = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries",
    {
      params: {
        path: { workspace },
        query: { ...filter, endpointID: [endpointID], status: filter.status && [filter.status] },
      },
    },
    { enabled, refetchInterval: POLL_INTERVAL_MS },
  );
  const { data, isPending, refetch } = read;
  return { data, isPending, refetch, error: useLastError(read) };
}
