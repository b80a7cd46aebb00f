import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { isDamaged } from "../api/problem";
import { useCallbacksDamage } from "../callbacks/use-damage";
import { ErrorPage } from "../components/error-page";
import { ListTable } from "../components/list-table";
import { useLastError } from "../components/use-last-error";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { BulkActions } from "./bulk-actions";
import { columnsOf, SORTED_BY_HEALTH } from "./columns";
import { conditionOf } from "./condition";
import { HELP } from "./help";
import { conditionLabel } from "./labels";
import { nameOf } from "./names";
import { useEndpoints } from "./use-endpoints";

const PAGE = 50;

/** Lists the endpoints with their health. */
export function EndpointList() {
  usePage("Endpoints", HELP, "table");
  const { workspace, paths } = useWorkspace();
  const session = useSession();
  const mayChange = may(session, workspace, "callbacks:write");
  const [selectedIDs, setSelectedIDs] = useState<string[]>([]);
  const follow = useRouterLink();
  const [search, setSearch] = useSearchParams();
  const filter = search.get("filter") ?? "";
  const endpoints = useEndpoints();
  const { data, isPending, refetch } = endpoints;
  const error = useLastError(endpoints);
  const damage = useCallbacksDamage();

  const all = data?.endpoints;
  const found = useMemo(() => {
    const term = filter.trim().toLowerCase();
    return (all ?? []).filter((endpoint) =>
      [
        endpoint.settings.name ?? "",
        endpoint.url,
        conditionLabel(conditionOf(endpoint)).text,
        ...endpoint.settings.processNames,
      ].some((text) => text.toLowerCase().includes(term)),
    );
  }, [all, filter]);
  const columns = useMemo(() => columnsOf(paths, follow, { mayChange }), [paths, follow, mayChange]);
  const { items, collectionProps, paginationProps } = useCollection(found, {
    pagination: { pageSize: PAGE },
    sorting: { defaultState: { sortingColumn: SORTED_BY_HEALTH } },
  });
  const selected = found.filter(({ endpointID }) => selectedIDs.includes(endpointID));
  const setFilter = (text: string) => setSearch(text ? { filter: text } : {}, { replace: true });

  if (error && (!data || isDamaged(error))) {
    return <ErrorPage title="Endpoints" error={error} onRetry={refetch} damage={damage} />;
  }
  return (
    <ListTable
      {...collectionProps}
      items={items}
      columnDefinitions={columns}
      trackBy="endpointID"
      variant="full-page"
      stickyHeader
      stickyColumns={mayChange ? { last: 1 } : undefined}
      wrapLines
      loading={isPending}
      loadingText="Loading endpoints"
      enableKeyboardNavigation
      selectionType={mayChange ? "multi" : undefined}
      selectedItems={selected}
      onSelectionChange={({ detail }) =>
        setSelectedIDs(detail.selectedItems.map(({ endpointID }) => endpointID))
      }
      ariaLabels={{
        tableLabel: "Endpoints",
        selectionGroupLabel: "Selected endpoints",
        allItemsSelectionLabel: () => "Select all",
        itemSelectionLabel: (_, endpoint) => `Select ${nameOf(endpoint)}`,
      }}
      header={
        <Header
          variant="h1"
          counter={all && (selected.length > 0 ? `(${selected.length}/${all.length})` : `(${all.length})`)}
          description="Every callback URL, with its health and backlog"
          actions={mayChange && <BulkActions selected={selected} onDone={() => setSelectedIDs([])} />}
        >
          Endpoints
        </Header>
      }
      filter={
        <TextFilter
          filteringText={filter}
          filteringPlaceholder="Find by name, URL, health or process"
          filteringAriaLabel="Find endpoints"
          countText={filter && (found.length === 1 ? "1 match" : `${found.length} matches`)}
          onChange={({ detail }) => setFilter(detail.filteringText)}
        />
      }
      pagination={
        found.length > PAGE && (
          <Pagination
            {...paginationProps}
            ariaLabels={{
              nextPageLabel: "Next page",
              previousPageLabel: "Previous page",
              pageLabel: (page) => `Page ${page}`,
            }}
          />
        )
      }
      empty={filter ? <NoMatch onClear={() => setFilter("")} /> : <NoEndpoints />}
    />
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <SpaceBetween size="s">
      <Box variant="strong">No endpoint matches</Box>
      <Button onClick={onClear}>Clear filter</Button>
    </SpaceBetween>
  );
}

function NoEndpoints() {
  const { workspace, paths } = useWorkspace();
  const follow = useRouterLink();
  const mayChange = may(useSession(), workspace, "callbacks:write");
  return (
    <SpaceBetween size="s">
      <Box variant="strong">No endpoints yet</Box>
      <Box color="text-body-secondary">Each callback URL that is set becomes an endpoint</Box>
      {mayChange && (
        <Button href={paths.editCallbacks} onFollow={follow}>
          Set callback URLs
        </Button>
      )}
    </SpaceBetween>
  );
}
