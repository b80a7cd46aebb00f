import { useEffect } from "react";

/**
 * Marks the row of the open delivery for screen readers. The table sets `aria-selected` of its checkboxes alone; its
 * own value returns when the delivery is closed.
 */
export function useOpenRow(openID: string | undefined, rows: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are other elements
  useEffect(() => {
    const cell = openID && document.querySelector(`[data-delivery="${CSS.escape(openID)}"]`);
    const row = cell ? cell.closest("tr") : undefined;
    if (!row) {
      return;
    }
    const before = row.getAttribute("aria-selected");
    row.setAttribute("aria-selected", "true");
    return () => {
      if (before === null) {
        row.removeAttribute("aria-selected");
      } else {
        row.setAttribute("aria-selected", before);
      }
    };
  }, [openID, rows]);
}
