import { useEffect, useRef, useState } from "react";
import { guardHistory } from "../shell/history-guard";

/**
 * Asks before changes are lost. Closing goes through `leave`; the browser's Back and Forward are undone until the
 * viewer has answered; closing the tab and reloading are the browser's to ask about.
 */
export function useUnsavedChangesPrompt(changed: boolean) {
  /** What happens when the viewer says so; undefined while nobody asks. */
  const [asking, setAsking] = useState<() => void>();
  const answered = useRef(false);

  useEffect(() => {
    if (!changed) {
      return;
    }
    const here = indexOf(history.state);
    let undoing = false;
    const beforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const unguard = guardHistory((event) => {
      if (answered.current) {
        return;
      }
      if (undoing) {
        undoing = false;
        event.stopImmediatePropagation();
        return;
      }
      const by = indexOf(event.state) - here;
      if (by !== 0) {
        event.stopImmediatePropagation();
        undoing = true;
        history.go(-by);
        setAsking(() => () => history.go(by));
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
      answered.current = true;
      setAsking(undefined);
      asking?.();
    },
  };
}

/** Where in the history an entry stands: the router numbers them. */
const indexOf = (state: { idx?: number } | null) => state?.idx ?? 0;
