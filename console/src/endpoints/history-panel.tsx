import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";
import { query } from "../api/client";
import type { Entry } from "../audit/labels";
import { ErrorAlert } from "../components/error-alert";
import { ListTable } from "../components/list-table";
import { Time } from "../components/time";
import { useLastError } from "../components/use-last-error";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { changesOf, isAbout } from "./history";

/** Number of audit entries about the endpoint that are read: some are of its URL, not of its settings. */
const SEARCHED = 50;

const MAX_SHOWN = 5;

const POLL_MS = 30_000;

const COLUMNS: TableProps.ColumnDefinition<Entry>[] = [
  { id: "at", header: "Time", isRowHeader: true, cell: ({ at }) => <Time at={at} /> },
  { id: "caller", header: "By", cell: ({ caller }) => caller.name ?? caller.id },
  {
    id: "change",
    header: "Change",
    cell: (entry) => changesOf(entry).map((line) => <div key={line}>{line}</div>),
  },
];

/** Lists the last changes of an endpoint's settings and health by users. */
export function History({ endpoint: { endpointID } }: { endpoint: Endpoint }) {
  const { workspace, paths } = useWorkspace();
  const follow = useRouterLink();
  const read = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/audit",
    { params: { path: { workspace }, query: { endpointID, limit: SEARCHED } } },
    { refetchInterval: POLL_MS },
  );
  const { data, isPending, refetch } = read;
  const error = useLastError(read);
  if (error) {
    return <ErrorAlert error={error} onRetry={refetch} />;
  }
  const entries = (data?.entries ?? []).filter((entry) => isAbout(entry, endpointID));
  return (
    <ListTable
      items={entries.slice(0, MAX_SHOWN)}
      columnDefinitions={COLUMNS}
      trackBy="id"
      wrapLines
      loading={isPending}
      loadingText="Loading changes"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Changes of this endpoint" }}
      header={
        <Header
          variant="h2"
          actions={
            <Link href={paths.audit} onFollow={follow}>
              Audit log
            </Link>
          }
        >
          Changes
        </Header>
      }
      empty={
        <Box color="text-status-inactive">
          {data?.next ? "No recent change of its settings" : "Its settings were never changed"}
        </Box>
      }
    />
  );
}
