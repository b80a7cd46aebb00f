import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useSearchParams } from "react-router";
import { POLL_INTERVAL_MS, query } from "../api/client";
import { ErrorPage } from "../components/error-page";
import { RelativeTime, Time } from "../components/time";
import { ViewHeader } from "../components/view-header";
import { usePage } from "../shell/page";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { ChangeList } from "./change-list";
import { filterEntries } from "./filter";
import { HELP } from "./help";
import { actionLabel, callerLabel, type Entry } from "./labels";

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
  const { openHelp } = usePage("Audit", HELP);
  const { workspace } = useWorkspace();
  const [search, setSearch] = useSearchParams();
  const filter = search.get("filter") ?? "";
  const audit = query.useInfiniteQuery(
    "get",
    "/v1/workspaces/{workspace}/audit",
    { params: { path: { workspace } } },
    {
      pageParamName: "cursor",
      // `null`, because the library replaces `undefined` with 0.
      initialPageParam: null as string | null,
      getNextPageParam: ({ next }) => next,
      // Polling stops once older pages are loaded, so that rows do not move.
      refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : POLL_INTERVAL_MS),
    },
  );
  const entries = audit.data?.pages.flatMap((page) => page.entries) ?? [];
  const shown = filterEntries(entries, filter);
  const setFilter = (text: string) =>
    setSearch(
      (now) => {
        if (text) {
          now.set("filter", text);
        } else {
          now.delete("filter");
        }
        return now;
      },
      { replace: true },
    );

  if (audit.isError && !audit.data) {
    return <ErrorPage title="Audit" error={audit.error} onRetry={() => audit.refetch()} />;
  }
  return (
    <Table
      variant="full-page"
      wrapLines
      stickyHeader
      cellVerticalAlign="top"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Audit" }}
      loading={audit.isPending}
      loadingText="Loading the audit"
      items={shown}
      trackBy="id"
      columnDefinitions={COLUMNS}
      header={
        <ViewHeader
          title="Audit"
          description="Changes of settings with their time and caller, the newest first"
          openHelp={openHelp}
        />
      }
      filter={
        <TextFilter
          filteringText={filter}
          filteringAriaLabel="Filter by caller, action or change"
          filteringPlaceholder="Filter by caller, action or change"
          countText={countText(shown.length, audit.hasNextPage)}
          onChange={({ detail }) => setFilter(detail.filteringText)}
        />
      }
      empty={<Empty filtered={entries.length > 0} onClear={() => setFilter("")} />}
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

function countText(found: number, more: boolean): string {
  const matches = found === 1 ? "1 match" : `${found} matches`;
  return more ? `${matches} among the entries loaded` : matches;
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
