import { useSyncExternalStore } from "react";

interface Clock {
  subscribe: (listener: () => void) => () => void;
  /** Ticks at once if the next tick is near: what is painted anyway takes the texts with it. */
  tickIfNear: () => void;
}

/** Creates a clock with one timer for all who read it, so that all texts that it changes are painted in one frame. */
function createClock(stepMs: number): Clock {
  const listeners = new Set<() => void>();
  let timer: number | undefined;
  let last = 0;
  const tick = () => {
    last = performance.now();
    for (const listener of listeners) {
      listener();
    }
  };
  const start = () => {
    last = performance.now();
    timer = window.setInterval(tick, stepMs);
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (timer === undefined) {
        start();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
    tickIfNear() {
      if (timer !== undefined && performance.now() - last >= stepMs / 2) {
        clearInterval(timer);
        start();
        tick();
      }
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
