import { useEffect, useState } from "react";
import { POLL_INTERVAL_MS } from "../api/client";

/** Key of the build that has already been reloaded once in this tab. */
const RELOADED = "reloaded-build";

/** Errors of dynamic imports. Vite reports each one before it reaches the component that needs the file. */
const loadErrors = new WeakSet<object>();
/** Number of forms with unsaved changes. */
let unsavedForms = 0;

/** Starts to note errors of dynamic imports, so that they can be told from other errors. */
export function startRecovery() {
  addEventListener("vite:preloadError", ({ payload }) => loadErrors.add(payload));
}

/** Returns `true` if the error means that a file of the console could not be loaded. */
export const isLoadError = (error: unknown) => error instanceof Error && loadErrors.has(error);

/** Notes a form with unsaved changes, which rules out a reload by itself. Returns a function that ends it. */
export function noteUnsavedForm(): () => void {
  unsavedForms += 1;
  return () => {
    unsavedForms -= 1;
  };
}

/** Path of the running build's entry. It contains a hash of its content. */
const entry = () => {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  return script ? new URL(script.src).pathname : "";
};

type Served = "unreachable" | "same-build" | "other-build";

/** Returns whether the service responds, and with which build of the console. */
async function served(): Promise<Served> {
  const response = await fetch("/", { cache: "no-store" }).catch(() => undefined);
  if (!response?.ok) {
    return "unreachable";
  }
  return (await response.text()).includes(entry()) ? "same-build" : "other-build";
}

/**
 * Recovers from a file that could not be loaded. Waits until the service responds, then reloads the page: once per
 * build, or after an outage, and never while a form has unsaved changes. Otherwise the user decides.
 */
export function useRecovery(): "checking" | Served {
  const [state, setState] = useState<"checking" | Served>("checking");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    let outage = false;
    const check = async () => {
      const found = await served();
      if (ended) {
        return;
      }
      if (found === "unreachable") {
        outage = true;
        timer = setTimeout(check, POLL_INTERVAL_MS);
      } else if (unsavedForms === 0 && (outage || sessionStorage.getItem(RELOADED) !== entry())) {
        sessionStorage.setItem(RELOADED, entry());
        location.reload();
        return;
      }
      setState(found);
    };
    void check();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, []);
  return state;
}
