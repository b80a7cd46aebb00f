import { useLayoutEffect, useState } from "react";
import { queryClient } from "../api/client";
import { TENS_OF_SECONDS } from "../components/clock";
import { useHoverAndFocus } from "../components/use-hover-and-focus";
import { useWorkspace } from "../workspace";
import { type Filter, writeFilter } from "./filter";
import { type LogPage, useLog } from "./log";
import { usePages } from "./pages";
import { usePreferences } from "./preferences";
import { useHeldRows } from "./use-held-rows";

const EMPTY_PAGE: LogPage = { deliveries: [], next: null };

/** State of the log: the page that is shown, its rows, and whether they are live. */
export function useLiveLog(filter: Filter) {
  const { workspace } = useWorkspace();
  const { preferences, save } = usePreferences();
  const [enabled, setEnabled] = useState(true);
  const key = `${workspace} ${writeFilter(filter)} ${preferences.pageSize}`;
  const pages = usePages(key);
  const live = enabled && pages.page === 1 && pages.selected.length === 0;
  const { query, queryKey } = useLog(workspace, filter, pages.cursor, preferences.pageSize, live);
  const { deliveries, next } = query.data ?? EMPTY_PAGE;
  const { active, area } = useHoverAndFocus();
  // Also once they are no longer live: to select a row is to be in the rows.
  const { rows, added, show } = useHeldRows(deliveries, active, `${key} ${pages.page}`);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new rows are painted, and the times of all rows with them
  useLayoutEffect(() => TENS_OF_SECONDS.tickIfNear(), [rows]);
  const setLiveEnabled = (on: boolean) => {
    setEnabled(on);
    // What was asked before would still come into the rows.
    if (!on && query.data) {
      void queryClient.cancelQueries({ queryKey });
    }
  };
  return {
    preferences,
    savePreferences: save,
    pages,
    goTo: (page: number) => pages.goTo(page, next),
    /** The page as it was read last. `rows` may be those of an earlier one. */
    deliveries,
    next,
    rows,
    added,
    showAdded: show,
    /** Handlers of the element around the rows, which stay in place under the pointer and the focus. */
    area,
    liveEnabled: enabled,
    setLiveEnabled,
    live,
    query,
  };
}

export type LiveLog = ReturnType<typeof useLiveLog>;
