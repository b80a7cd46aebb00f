import { useState } from "react";
import type { Delivery } from "./log";

interface State {
  of: string;
  /** Where each page that was seen begins; the first has no cursor. */
  cursors: (string | undefined)[];
  page: number;
  selected: Delivery[];
}

/** Which page is shown and what is selected; both begin anew with what the log is asked for. */
export function usePages(of: string) {
  const fresh: State = { of, cursors: [undefined], page: 1, selected: [] };
  const [state, setState] = useState(fresh);
  const now = state.of === of ? state : fresh;
  return {
    page: now.page,
    cursor: now.cursors[now.page - 1],
    selected: now.selected,
    /** The pages that can be gone to, when the shown one goes on at `next`. */
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
