/** A handler that may block Back and Forward by stopping the event. */
type Guard = (event: PopStateEvent) => void;

let guard: Guard | undefined;

// Window listeners run in the order of registration: this module is loaded before the router.
window.addEventListener("popstate", (event) => guard?.(event));

/** Installs the guard, and returns a function that removes it. */
export function guardHistory(ask: Guard): () => void {
  guard = ask;
  return () => {
    guard = undefined;
  };
}
