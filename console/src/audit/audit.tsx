import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { ErrorAlert } from "../components/error-alert";
import { ListTable } from "../components/list-table";
import { RelativeTime, Time } from "../components/time";
import { useLastError } from "../components/use-last-error";
import { ViewHeader } from "../components/view-header";
import { VIEWS } from "../labels/views";
import { usePage } from "../shell/page";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { ChangeList } from "./change-list";
import { ExportButton } from "./export-button";
import { type Filter, readFilter, writeFilter } from "./filter";
import { FilterBar, urlsOf } from "./filter-bar";
import { HELP } from "./help";
import { actionLabel, callerLabel, type Entry } from "./labels";
import { OneUrl } from "./one-url";
import { useAudit } from "./use-audit";

const { title, description } = VIEWS.audit;

const COLUMNS = [
  {
    id: "when",
    header: "Time",
    width: 150,
    minWidth: 150,
    cell: ({ at }: Entry) => (
      <>
        <RelativeTime at={at} />
        <Box color="text-body-secondary" fontSize="body-s">
          <Time at={at} />
        </Box>
      </>
    ),
  },
  {
    id: "change",
    header: "Change",
    isRowHeader: true,
    minWidth: 240,
    cell: (entry: Entry) => (
      <>
        <Box fontWeight="bold">{actionLabel(entry.action)}</Box>
        <ChangeList entry={entry} />
      </>
    ),
  },
  {
    id: "who",
    header: "Caller",
    width: 200,
    minWidth: 140,
    cell: ({ caller }: Entry) => (
      <>
        {callerLabel(caller)}
        {caller.name && (
          <Box color="text-body-secondary" fontSize="body-s">
            {caller.id}
          </Box>
        )}
      </>
    ),
  },
];

export default function Audit() {
  const { openHelp } = usePage(title, HELP);
  const { workspace } = useWorkspace();
  const [search, setSearch] = useSearchParams();
  const filter = readFilter(search);
  const isFiltered = writeFilter(filter) !== "";
  const audit = useAudit(workspace, filter);
  const error = useLastError(audit);
  const entries = audit.data?.pages.flatMap((page) => page.entries) ?? [];
  const setFilter = (filter: Filter) => setSearch(writeFilter(filter), { replace: true });
  const { endpointID } = filter;

  return (
    <ListTable
      variant="full-page"
      wrapLines
      stickyHeader
      cellVerticalAlign="top"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: title }}
      loading={audit.isPending && !error}
      loadingText="Loading the audit log"
      items={entries}
      trackBy="id"
      columnDefinitions={COLUMNS}
      header={
        <SpaceBetween size="m">
          <ViewHeader
            title={title}
            description={description}
            openHelp={openHelp}
            actions={<ExportButton filter={filter} />}
          />
          {Boolean(error) && <ErrorAlert error={error} onRetry={() => audit.refetch()} />}
          {endpointID && <OneUrl endpointID={endpointID} url={urlsOf(entries).get(endpointID)} />}
        </SpaceBetween>
      }
      filter={<FilterBar filter={filter} onChange={setFilter} entries={entries} />}
      empty={!error && <Empty filtered={isFiltered} onClear={() => setFilter({})} />}
      footer={
        audit.hasNextPage && (
          <Box textAlign="center">
            <Button loading={audit.isFetchingNextPage} onClick={() => audit.fetchNextPage()}>
              Load older entries
            </Button>
          </Box>
        )
      }
    />
  );
}

function Empty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  return (
    <Box textAlign="center" padding={{ vertical: "m" }}>
      <SpaceBetween size="s">
        <b>{filtered ? "No entry matches" : "No changes yet"}</b>
        {filtered ? (
          <Button onClick={onClear}>Clear the filter</Button>
        ) : (
          <Button href={paths.editCallbacks} onFollow={follow}>
            Set callback URLs
          </Button>
        )}
      </SpaceBetween>
    </Box>
  );
}
