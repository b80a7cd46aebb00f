import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { POLL_INTERVAL_MS, query, type Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { Time } from "../components/time";
import { reasonLabel, statusLabel } from "../labels/reasons";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";

type Delivery = Schemas["Delivery"];

const MAX_SHOWN = 5;

/** Lists the last deliveries to an endpoint, pending ones included. */
export function LastDeliveries({ endpoint }: { endpoint: Endpoint }) {
  const { workspace, paths } = useWorkspace();
  const follow = useRouterLink();
  const { endpointID } = endpoint;
  const { data, error, isPending, refetch } = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries",
    { params: { path: { workspace }, query: { endpointID: [endpointID], limit: MAX_SHOWN } } },
    { refetchInterval: POLL_INTERVAL_MS },
  );
  if (error) {
    return <ErrorAlert error={error} onRetry={refetch} />;
  }
  const columns: TableProps.ColumnDefinition<Delivery>[] = [
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
      cell: ({ lastReason }) => (lastReason ? reasonLabel(lastReason).title : "–"),
    },
  ];
  return (
    <Table
      items={data?.deliveries ?? []}
      columnDefinitions={columns}
      trackBy="deliveryID"
      loading={isPending}
      loadingText="Loading deliveries"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Last deliveries" }}
      header={
        <Header
          variant="h2"
          actions={
            <Link href={`${paths.deliveries}?endpointID=${endpointID}`} onFollow={follow}>
              All its deliveries
            </Link>
          }
        >
          Last deliveries
        </Header>
      }
      empty={<Box color="text-status-inactive">No deliveries within the retention time of the log</Box>}
    />
  );
}
