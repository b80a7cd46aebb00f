import { useEffect, useRef, useState } from "react";
import { guardHistory } from "../shell/history-guard";

/**
 * Asks for confirmation before unsaved changes are discarded. Closing goes through `leave`. Back and Forward are
 * reverted until the user confirms. The browser itself asks before a reload or the closing of the tab.
 */
export function useUnsavedChangesPrompt(changed: boolean) {
  /** Navigation that awaits confirmation. */
  const [asking, setAsking] = useState<() => void>();
  const confirmed = useRef(false);

  useEffect(() => {
    if (!changed) {
      return;
    }
    const index = indexOf(history.state);
    let reverting = false;
    const beforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const unguard = guardHistory((event) => {
      if (confirmed.current) {
        return;
      }
      if (reverting) {
        reverting = false;
        event.stopImmediatePropagation();
        return;
      }
      const delta = indexOf(event.state) - index;
      if (delta !== 0) {
        event.stopImmediatePropagation();
        reverting = true;
        history.go(-delta);
        setAsking(() => () => history.go(delta));
      }
    });
    window.addEventListener("beforeunload", beforeUnload);
    return () => {
      window.removeEventListener("beforeunload", beforeUnload);
      unguard();
    };
  }, [changed]);

  return {
    asking: asking !== undefined,
    leave: (go: () => void) => (changed ? setAsking(() => go) : go()),
    stay: () => setAsking(undefined),
    proceed: () => {
      confirmed.current = true;
      setAsking(undefined);
      asking?.();
    },
  };
}

/** Returns the index of a history entry, as numbered by the router. */
const indexOf = (state: { idx?: number } | null) => state?.idx ?? 0;
