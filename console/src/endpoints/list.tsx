import { useCollection } from "@cloudscape-design/collection-hooks";
import Pagination from "@cloudscape-design/components/pagination";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { isDamaged } from "../api/problem";
import { useCallbacksDamage } from "../callbacks/use-damage";
import { ErrorPage } from "../components/error-page";
import { ListTable } from "../components/list-table";
import { useHeldOrder } from "../components/use-held-order";
import { useHoverAndFocus } from "../components/use-hover-and-focus";
import { useLastError } from "../components/use-last-error";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { columnsOf, SORTED_BY_HEALTH } from "./columns";
import { conditionOf, type Endpoint } from "./condition";
import { HELP } from "./help";
import { conditionLabel } from "./labels";
import { ListFilter, ListHeader, NoEndpoints, NoMatch } from "./list-parts";
import { nameOf } from "./names";
import { useEndpoints } from "./use-endpoints";

const PAGE = 50;

const ARIA_LABELS = {
  tableLabel: VIEWS.endpoints.title,
  selectionGroupLabel: "Selected endpoints",
  allItemsSelectionLabel: () => "Select all",
  itemSelectionLabel: (_: unknown, endpoint: Endpoint) => `Select ${nameOf(endpoint)}`,
};

const PAGES_ARIA_LABELS = {
  nextPageLabel: "Next page",
  previousPageLabel: "Previous page",
  pageLabel: (page: number) => `Page ${page}`,
};

/** Lists the endpoints with their health. */
export function EndpointList() {
  usePage(VIEWS.endpoints.title, HELP, "table");
  const { workspace, paths } = useWorkspace();
  const mayChange = may(useSession(), workspace, "callbacks:write");
  const [selectedIDs, setSelectedIDs] = useState<string[]>([]);
  const follow = useRouterLink();
  const endpoints = useEndpoints();
  const { data, isPending, refetch } = endpoints;
  const error = useLastError(endpoints);
  const damage = useCallbacksDamage();
  const { filter, setFilter, found } = useFound(data?.endpoints);
  const columns = useMemo(() => columnsOf(paths, follow, { mayChange }), [paths, follow, mayChange]);
  const { items, area, collectionProps, paginationProps } = useSorted(found, filter);
  const selected = found.filter(({ endpointID }) => selectedIDs.includes(endpointID));

  if (error && (!data || isDamaged(error))) {
    return <ErrorPage title={VIEWS.endpoints.title} error={error} onRetry={refetch} damage={damage} />;
  }
  return (
    <div {...area}>
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
        ariaLabels={ARIA_LABELS}
        header={
          <ListHeader
            count={data?.endpoints.length}
            selected={selected}
            mayChange={mayChange}
            onDone={() => setSelectedIDs([])}
          />
        }
        filter={<ListFilter text={filter} matches={found.length} onChange={setFilter} />}
        pagination={found.length > PAGE && <Pagination {...paginationProps} ariaLabels={PAGES_ARIA_LABELS} />}
        empty={filter ? <NoMatch onClear={() => setFilter("")} /> : <NoEndpoints />}
      />
    </div>
  );
}

/** Returns a page of the endpoints, sorted. While someone is at the rows, these hold their places. */
function useSorted(found: Endpoint[], filter: string) {
  const { active, area } = useHoverAndFocus();
  const { items, collectionProps, paginationProps } = useCollection(found, {
    pagination: { pageSize: PAGE },
    sorting: { defaultState: { sortingColumn: SORTED_BY_HEALTH } },
  });
  const { sortingColumn, sortingDescending } = collectionProps;
  const key = [filter, paginationProps.currentPageIndex, sortingColumn?.sortingComparator, sortingDescending];
  return { items: useHeldOrder(items, active, key), area, collectionProps, paginationProps };
}

/** Returns the filter, which is in the address, and the endpoints that match it. */
function useFound(all: Endpoint[] | undefined) {
  const [search, setSearch] = useSearchParams();
  const filter = search.get("filter") ?? "";
  const found = useMemo(() => {
    const term = filter.trim().toLowerCase();
    return (all ?? []).filter((endpoint) =>
      [
        endpoint.settings.name ?? "",
        endpoint.url,
        conditionLabel(conditionOf(endpoint)).text,
        ...endpoint.settings.processNames,
        ...endpoint.settings.changed,
        ...Object.keys(endpoint.settings.where),
      ].some((text) => text.toLowerCase().includes(term)),
    );
  }, [all, filter]);
  const setFilter = (text: string) => setSearch(text ? { filter: text } : {}, { replace: true });
  return { filter, setFilter, found };
}
