import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { ErrorAlert } from "../components/error-alert";
import { ListTable } from "../components/list-table";
import { useEndpoints } from "../endpoints/use-endpoints";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { columnDefinitions } from "./columns";
import { EmptyLog } from "./empty-log";
import { type Filter, isEmpty, writeFilter } from "./filter";
import { FilterBar } from "./filter-bar";
import { type Delivery, type LogPage, useLog } from "./log";
import { LogHeader } from "./log-header";
import { usePages } from "./pages";
import { PreferencesButton, usePreferences } from "./preferences";
import { useHeldRows } from "./use-held-rows";
import { useHoverAndFocus } from "./use-hover-and-focus";
import { useOpenRow } from "./use-open-row";

const EMPTY_PAGE: LogPage = { deliveries: [], next: null };

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  /** Returns a delivery's address. */
  hrefOf: (deliveryID: string) => string;
  /** ID of the delivery that the panel shows. */
  openID: string | undefined;
  /** Gets the IDs of the rows, in their order, whenever they change. */
  onRows: (deliveryIDs: string[]) => void;
}

export function LogTable({ filter, onFilter, hrefOf, openID, onRows }: Props) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const mayReplay = may(session, workspace, "deliveries:replay");
  const endpoints = useEndpoints({ enabled: may(session, workspace, "callbacks:read") }).data;
  const navigate = useNavigate();
  const { preferences, save } = usePreferences();
  const [liveEnabled, setLiveEnabled] = useState(true);
  const key = `${workspace} ${writeFilter(filter)} ${preferences.pageSize}`;
  const pages = usePages(key);
  const live = liveEnabled && pages.page === 1 && pages.selected.length === 0;
  const log = useLog(workspace, filter, pages.cursor, preferences.pageSize, live);
  const { deliveries, next } = log.data ?? EMPTY_PAGE;
  const { active, area } = useHoverAndFocus();
  const { rows, added, show } = useHeldRows(deliveries, active && live, `${key} ${pages.page}`);

  const ids = rows.map(({ deliveryID }) => deliveryID).join(" ");
  useEffect(() => onRows(ids === "" ? [] : ids.split(" ")), [onRows, ids]);
  useOpenRow(openID, ids);
  const open = ({ deliveryID }: Delivery) => {
    const href = hrefOf(deliveryID);
    // A click on the link also reaches the row.
    if (location.pathname + location.search !== href) {
      navigate(href);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the functions follow from the address
  const columns = useMemo(
    () =>
      columnDefinitions({
        hrefOf: ({ deliveryID }) => hrefOf(deliveryID),
        open,
        openID,
        endpoints: new Map(endpoints?.endpoints.map((endpoint) => [endpoint.endpointID, endpoint])),
      }),
    [workspace, writeFilter(filter), openID, endpoints],
  );
  const goTo = (page: number) => pages.goTo(page, next);

  return (
    <SpaceBetween size="m">
      {log.isError && <ErrorAlert error={log.error} onRetry={() => log.refetch()} />}
      <div {...area}>
        <ListTable
          variant="full-page"
          stickyHeader
          resizableColumns
          enableKeyboardNavigation
          items={rows}
          trackBy="deliveryID"
          columnDefinitions={columns}
          columnDisplay={preferences.contentDisplay}
          wrapLines={preferences.wrapLines}
          loading={log.isPending}
          loadingText="Loading deliveries"
          onRowClick={({ detail }) => open(detail.item)}
          {...(mayReplay && {
            selectionType: "multi" as const,
            selectedItems: pages.selected,
            onSelectionChange: ({ detail }: { detail: { selectedItems: Delivery[] } }) =>
              pages.select(detail.selectedItems),
          })}
          ariaLabels={{
            tableLabel: "Deliveries",
            selectionGroupLabel: "Which deliveries to replay",
            allItemsSelectionLabel: () => "Select all on this page",
            itemSelectionLabel: (_, { instanceID, eventType }) => `Select ${instanceID}, ${eventType}`,
          }}
          header={
            <LogHeader
              filter={filter}
              selected={pages.selected}
              onReplayed={() => pages.select([])}
              counter={
                log.data &&
                counter(pages.selected.length, (pages.page - 1) * preferences.pageSize, rows, next)
              }
              live={liveEnabled}
              onLive={setLiveEnabled}
              pauseReason={liveEnabled && !live ? pauseReason(pages.selected.length) : undefined}
              added={added}
              onShowAdded={show}
              onRefresh={() => log.refetch().then(show)}
              // Not read while live: each poll would render the table twice.
              refreshing={!live && log.isFetching}
            />
          }
          filter={<FilterBar filter={filter} onChange={onFilter} deliveries={deliveries} />}
          empty={
            !log.isError && (
              <EmptyLog
                filtered={!isEmpty(filter)}
                onClear={() => onFilter({})}
                onContinue={next === null ? undefined : () => goTo(pages.page + 1)}
                laterPage={pages.page > 1}
              />
            )
          }
          pagination={
            <Pagination
              currentPageIndex={pages.page}
              pagesCount={pages.count(next)}
              openEnd={next !== null}
              onChange={({ detail }) => goTo(detail.currentPageIndex)}
              ariaLabels={{
                nextPageLabel: "Next page",
                previousPageLabel: "Previous page",
                pageLabel: (page) => `Page ${page}`,
              }}
            />
          }
          preferences={<PreferencesButton preferences={preferences} onChange={save} />}
          renderAriaLive={({ firstIndex, lastIndex }) => `Deliveries ${firstIndex} to ${lastIndex}`}
        />
      </div>
    </SpaceBetween>
  );
}

const pauseReason = (selected: number) =>
  selected > 0 ? "Paused while deliveries are selected" : "Live updates run on page 1 only";

function counter(selected: number, before: number, { length }: Delivery[], next: string | null) {
  const known = `${before + length}${next === null ? "" : "+"}`;
  return selected > 0 ? `(${selected}/${known})` : `(${known})`;
}
