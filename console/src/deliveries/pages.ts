import { useState } from "react";
import type { Delivery } from "./log";

interface State {
  key: string;
  /** Cursor of each visited page. The first page has none. */
  cursors: (string | undefined)[];
  page: number;
  selected: Delivery[];
}

/** Returns the current page and the selection. Both are reset when `key` changes. */
export function usePages(key: string) {
  const initial: State = { key, cursors: [undefined], page: 1, selected: [] };
  const [state, setState] = useState(initial);
  const now = state.key === key ? state : initial;
  return {
    page: now.page,
    cursor: now.cursors[now.page - 1],
    selected: now.selected,
    /** Returns the number of reachable pages. `next` is the cursor behind the current page. */
    count: (next: string | null | undefined) =>
      Math.max(now.cursors.length, next && now.page === now.cursors.length ? now.page + 1 : 1),
    goTo(page: number, next: string | null | undefined) {
      const known = now.cursors.slice(0, now.page);
      const cursors = page === now.page + 1 && next ? [...known, next] : now.cursors;
      if (page <= cursors.length) {
        setState({ ...now, cursors, page });
      }
    },
    select: (selected: Delivery[]) => setState({ ...now, selected }),
  };
}
