/** What may hold the browser's Back and Forward up, by stopping the event. */
type Guard = (event: PopStateEvent) => void;

let guard: Guard | undefined;

// Listeners of a window are called in the order in which they came: this file is loaded before there is a router.
window.addEventListener("popstate", (event) => guard?.(event));

/** Asks this first, until the answer is called. */
export function guardHistory(ask: Guard): () => void {
  guard = ask;
  return () => {
    guard = undefined;
  };
}
