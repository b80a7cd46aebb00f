import SpaceBetween from "@cloudscape-design/components/space-between";
import { memo, useEffect } from "react";
import { ErrorAlert } from "../components/error-alert";
import { ListTable } from "../components/list-table";
import { useLastError } from "../components/use-last-error";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { EmptyLog } from "./empty-log";
import { type Filter, isEmpty } from "./filter";
import { FilterBar } from "./filter-bar";
import type { Delivery } from "./log";
import { LogHeader } from "./log-header";
import { LogPagination } from "./log-pagination";
import { PreferencesButton } from "./preferences";
import { useColumns } from "./use-columns";
import { type LiveLog, useLiveLog } from "./use-live-log";
import { useOpenRow } from "./use-open-row";
import { useUrls } from "./use-urls";

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

const ARIA_LABELS = {
  tableLabel: "Deliveries",
  selectionGroupLabel: "Which deliveries to replay",
  allItemsSelectionLabel: () => "Select all on this page",
  itemSelectionLabel: (_: unknown, { instanceID, eventType }: Delivery) =>
    `Select ${instanceID}, ${eventType}`,
};

/** Shows the log. It renders for its own state alone: the view around it renders when the rows change. */
export const LogTable = memo(({ filter, onFilter, hrefOf, openID, onRows }: Props) => {
  const log = useLiveLog(filter);
  const { rows, preferences, query } = log;
  const error = useLastError(query);
  const { columns, open } = useColumns(hrefOf, openID);
  const urls = useUrls(log.deliveries);
  const ids = rows.map(({ deliveryID }) => deliveryID).join(" ");
  useEffect(() => onRows(ids === "" ? [] : ids.split(" ")), [onRows, ids]);
  useOpenRow(openID, ids);
  return (
    <SpaceBetween size="m">
      {Boolean(error) && <ErrorAlert error={error} onRetry={() => query.refetch()} />}
      <div {...log.area}>
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
          loading={query.isPending && !error}
          loadingText="Loading deliveries"
          onRowClick={({ detail }) => open(detail.item)}
          {...useSelection(log)}
          ariaLabels={ARIA_LABELS}
          header={<LogHeader filter={filter} log={log} />}
          filter={<FilterBar filter={filter} onChange={onFilter} urls={urls} />}
          empty={!error && <Empty filter={filter} onFilter={onFilter} log={log} />}
          pagination={<LogPagination log={log} />}
          preferences={<PreferencesButton preferences={preferences} onChange={log.savePreferences} />}
          renderAriaLive={({ firstIndex, lastIndex }) => `Deliveries ${firstIndex} to ${lastIndex}`}
        />
      </div>
    </SpaceBetween>
  );
});

/** Returns the selection of rows to replay, if the user may replay. */
function useSelection({ pages }: LiveLog) {
  const { workspace } = useWorkspace();
  if (!may(useSession(), workspace, "deliveries:replay")) {
    return {};
  }
  return {
    selectionType: "multi" as const,
    selectedItems: pages.selected,
    onSelectionChange: ({ detail }: { detail: { selectedItems: Delivery[] } }) =>
      pages.select(detail.selectedItems),
  };
}

function Empty({ filter, onFilter, log }: Pick<Props, "filter" | "onFilter"> & { log: LiveLog }) {
  const { page } = log.pages;
  return (
    <EmptyLog
      filtered={!isEmpty(filter)}
      onClear={() => onFilter({})}
      onContinue={log.next === null ? undefined : () => log.goTo(page + 1)}
      laterPage={page > 1}
    />
  );
}
