import { useSyncExternalStore } from "react";

interface Clock {
  subscribe: (listener: () => void) => () => void;
}

/** Creates a clock with one timer for all who read it, so that all texts that it changes are painted in one frame. */
function createClock(stepMs: number): Clock {
  const listeners = new Set<() => void>();
  let timer: number | undefined;
  const tick = () => {
    for (const listener of listeners) {
      listener();
    }
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      timer ??= window.setInterval(tick, stepMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
  };
}

/** Ticks for texts that are up to date to the second. */
export const SECONDS = createClock(1_000);

/** Ticks for texts in steps of ten seconds: in a list of 200 rows, each painted frame costs as much as all texts. */
export const TENS_OF_SECONDS = createClock(10_000);

/** Returns a text that depends on the current time. A tick that does not change it renders nothing. */
export const useTimedText = (clock: Clock, text: (now: number) => string) =>
  useSyncExternalStore(clock.subscribe, () => text(Date.now()));
