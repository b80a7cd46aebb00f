import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Toggle from "@cloudscape-design/components/toggle";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { ErrorAlert } from "../components/error-alert";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { columnDefinitions } from "./columns";
import { EmptyLog } from "./empty-log";
import { type Filter, isEmpty, writeFilter } from "./filter";
import { FilterBar } from "./filter-bar";
import { type Delivery, type LogPage, useLog } from "./log";
import { usePages } from "./pages";
import { PreferencesButton, usePreferences } from "./preferences";
import { ReplayButton } from "./replay/replay-button";

const EMPTY_PAGE: LogPage = { deliveries: [], next: null };

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  /** Returns a delivery's address. */
  hrefOf: (delivery: Delivery) => string;
}

export function LogTable({ filter, onFilter, hrefOf }: Props) {
  const { workspace } = useWorkspace();
  const mayReplay = may(useSession(), workspace, "deliveries:replay");
  const navigate = useNavigate();
  const { preferences, save } = usePreferences();
  const [liveEnabled, setLiveEnabled] = useState(true);
  const pages = usePages(`${workspace} ${writeFilter(filter)} ${preferences.pageSize}`);
  const live = liveEnabled && pages.page === 1 && pages.selected.length === 0;
  const log = useLog(workspace, filter, pages.cursor, preferences.pageSize, live);
  const { deliveries, next } = log.data ?? EMPTY_PAGE;

  const open = (delivery: Delivery) => {
    const href = hrefOf(delivery);
    // A click on the link also reaches the row.
    if (location.pathname + location.search !== href) {
      navigate(href);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: both follow from the address
  const columns = useMemo(() => columnDefinitions(hrefOf, open), [workspace, writeFilter(filter)]);
  const goTo = (page: number) => pages.goTo(page, next);

  return (
    <SpaceBetween size="m">
      {log.isError && <ErrorAlert error={log.error} onRetry={() => log.refetch()} />}
      <Table
        variant="full-page"
        stickyHeader
        resizableColumns
        enableKeyboardNavigation
        items={deliveries}
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
          <Header
            variant="awsui-h1-sticky"
            counter={
              log.data &&
              counter(pages.selected.length, (pages.page - 1) * preferences.pageSize, deliveries, next)
            }
            actions={
              <SpaceBetween direction="horizontal" size="s" alignItems="center">
                <Toggle
                  checked={liveEnabled}
                  onChange={({ detail }) => setLiveEnabled(detail.checked)}
                  description={liveEnabled && !live ? pauseReason(pages.selected.length) : undefined}
                >
                  Live
                </Toggle>
                <Button
                  iconName="refresh"
                  ariaLabel="Refresh"
                  onClick={() => log.refetch()}
                  loading={log.isFetching && !live}
                  loadingText="Refreshing"
                />
                {mayReplay && (
                  <ReplayButton
                    filter={filter}
                    selected={pages.selected}
                    onReplayed={() => pages.select([])}
                  />
                )}
              </SpaceBetween>
            }
          >
            Deliveries
          </Header>
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
    </SpaceBetween>
  );
}

const pauseReason = (selected: number) =>
  selected > 0 ? "Paused while deliveries are selected" : "Paused on later pages";

function counter(selected: number, before: number, { length }: Delivery[], next: string | null) {
  const known = `${before + length}${next === null ? "" : "+"}`;
  return selected > 0 ? `(${selected}/${known})` : `(${known})`;
}
