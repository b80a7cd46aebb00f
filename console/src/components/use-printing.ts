import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";

const PRINT = matchMedia("print");

/** `true` while the browser prints or shows its preview. It may lay out the page several times meanwhile. */
let betweenEvents = false;

/**
 * Returns whether the page is being printed. The change is rendered at once, because the browser counts the pages right
 * after its event.
 */
export const usePrinting = () => useSyncExternalStore(subscribe, () => betweenEvents || PRINT.matches);

function subscribe(onChange: () => void) {
  const render = () => flushSync(onChange);
  const begin = () => {
    betweenEvents = true;
    render();
  };
  const end = () => {
    betweenEvents = false;
    render();
  };
  addEventListener("beforeprint", begin);
  addEventListener("afterprint", end);
  PRINT.addEventListener("change", render);
  return () => {
    removeEventListener("beforeprint", begin);
    removeEventListener("afterprint", end);
    PRINT.removeEventListener("change", render);
  };
}
