import { useEffect, useRef } from "react";

interface Keys {
  previous: (() => void) | undefined;
  next: (() => void) | undefined;
  close: () => void;
}

/** Elements that keys belong to: what is typed there, and open menus and dialogs, which Esc closes. */
const OWN_KEYS =
  'input, textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"], [aria-expanded="true"]';

/** Handles the keys of the panel: J and K go to the next and the previous delivery, Esc closes. */
export function usePanelKeys(open: boolean, keys: Keys) {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!open) {
      return;
    }
    const onKeyDown = (event: KeyboardEvent) => {
      const action = actionOf(event, latest.current);
      if (action) {
        event.preventDefault();
        action();
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [open]);
}

function actionOf(event: KeyboardEvent, { previous, next, close }: Keys): (() => void) | undefined {
  const { target, key } = event;
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  if (event.defaultPrevented || modified || (target instanceof Element && target.closest(OWN_KEYS))) {
    return undefined;
  }
  // A dialog has the focus while it is open. Its closing must not close the panel too.
  if (document.querySelector('[role="dialog"]')) {
    return undefined;
  }
  return { j: next, J: next, k: previous, K: previous, Escape: close }[key];
}
