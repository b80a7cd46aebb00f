import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import Toggle from "@cloudscape-design/components/toggle";
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { ErrorAlert } from "../components/error-alert";
import { ListTable } from "../components/list-table";
import { useLastError } from "../components/use-last-error";
import { ViewHeader } from "../components/view-header";
import { ALL_WORKSPACES } from "../labels/views";
import { useSession, workspacesOf } from "../session/session";
import { usePage } from "../shell/page";
import { useRouterLink } from "../shell/use-router-link";
import { columnsOf } from "./columns";
import { HELP } from "./help";
import { type FleetFilter, useFleet } from "./use-fleet";

const { title, description } = ALL_WORKSPACES;

/** Lists all workspaces, for operators. */
export default function Fleet() {
  const { openHelp } = usePage(title, HELP, "table");
  const { filter, setFilter } = useFilter();
  const fleet = useFleet(filter);
  const error = useLastError(fleet);
  const own = workspacesOf(useSession());
  const mayOpen = useCallback((workspace: string) => own === null || own.includes(workspace), [own]);
  const follow = useRouterLink();
  const columns = useMemo(() => columnsOf(mayOpen, follow), [mayOpen, follow]);
  const isFiltered = filter.needsAttention || filter.prefix !== "";

  return (
    <ListTable
      variant="full-page"
      wrapLines
      stickyHeader
      cellVerticalAlign="top"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: title }}
      loading={fleet.isPending && !error}
      loadingText="Loading workspaces"
      items={fleet.data?.pages.flatMap(({ workspaces }) => workspaces) ?? []}
      trackBy="workspaceID"
      columnDefinitions={columns}
      header={
        <SpaceBetween size="m">
          <ViewHeader title={title} description={description} openHelp={openHelp} />
          {Boolean(error) && <ErrorAlert error={error} onRetry={() => fleet.refetch()} />}
        </SpaceBetween>
      }
      filter={<Filters filter={filter} onChange={setFilter} />}
      empty={!error && <Empty filtered={isFiltered} onClear={() => setFilter(NO_FILTER)} />}
      footer={
        fleet.hasNextPage && (
          <Box textAlign="center">
            <Button loading={fleet.isFetchingNextPage} onClick={() => fleet.fetchNextPage()}>
              Load more workspaces
            </Button>
          </Box>
        )
      }
    />
  );
}

const NO_FILTER: FleetFilter = { needsAttention: false, prefix: "" };

/** Returns the filter, which is in the address. */
function useFilter() {
  const [search, setSearch] = useSearchParams();
  const filter: FleetFilter = {
    needsAttention: search.get("show") === "needs-attention",
    prefix: search.get("prefix") ?? "",
  };
  const setFilter = ({ needsAttention, prefix }: FleetFilter) =>
    setSearch(
      { ...(needsAttention && { show: "needs-attention" }), ...(prefix && { prefix }) },
      { replace: true },
    );
  return { filter, setFilter };
}

interface FiltersProps {
  filter: FleetFilter;
  onChange: (filter: FleetFilter) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  return (
    <SpaceBetween direction="horizontal" size="l" alignItems="center">
      <TextFilter
        filteringText={filter.prefix}
        filteringPlaceholder="Beginning of the workspace's name"
        filteringAriaLabel="Find workspaces by the beginning of their names"
        onChange={({ detail }) => onChange({ ...filter, prefix: detail.filteringText })}
      />
      <Toggle
        checked={filter.needsAttention}
        onChange={({ detail }) => onChange({ ...filter, needsAttention: detail.checked })}
      >
        Needs attention
      </Toggle>
    </SpaceBetween>
  );
}

function Empty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return (
    <Box textAlign="center" padding={{ vertical: "m" }}>
      <SpaceBetween size="s">
        <b>{filtered ? "No workspace matches" : "No workspaces yet"}</b>
        {filtered ? (
          <Button onClick={onClear}>Clear the filter</Button>
        ) : (
          <Box color="text-body-secondary">A workspace is listed as soon as it has callbacks</Box>
        )}
      </SpaceBetween>
    </Box>
  );
}
