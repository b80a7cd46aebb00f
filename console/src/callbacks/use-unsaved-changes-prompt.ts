import { useCallback, useEffect, useRef } from "react";
import { useBeforeUnload, useBlocker } from "react-router";
import { noteUnsavedForm } from "../shell/recovery";

/**
 * Asks for confirmation before unsaved changes are discarded. Every navigation away from the page is blocked until the
 * user confirms it. The browser itself asks before a reload or the closing of the tab.
 */
export function useUnsavedChangesPrompt(changed: boolean) {
  const saved = useRef(false);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      changed && !saved.current && currentLocation.pathname !== nextLocation.pathname,
  );
  useBeforeUnload(useCallback((event) => changed && event.preventDefault(), [changed]));
  useEffect(() => (changed ? noteUnsavedForm() : undefined), [changed]);
  return {
    asking: blocker.state === "blocked",
    stay: () => blocker.reset?.(),
    proceed: () => blocker.proceed?.(),
    /** Lets the next navigation pass, because the changes are saved. */
    release: () => {
      saved.current = true;
    },
  };
}
