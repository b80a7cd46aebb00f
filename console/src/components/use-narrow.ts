import { useSyncExternalStore } from "react";

/** Windows in which a table is shown as cards: phones, and a window of 1280 pixels at 200 % zoom. */
const NARROW = matchMedia("(max-width: 640px)");

/** Returns whether the window is too narrow for a table. */
export const useNarrow = () => useSyncExternalStore(subscribe, () => NARROW.matches);

function subscribe(onChange: () => void) {
  NARROW.addEventListener("change", onChange);
  return () => NARROW.removeEventListener("change", onChange);
}
