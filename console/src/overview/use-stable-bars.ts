import { useState } from "react";
import { startingAt } from "./merge-buckets";

/**
 * Returns bars that keep their indexes while the chart has the focus. The chart addresses the bar of its popover by
 * index, so that it would jump to the next bar when the oldest one is removed.
 */
export function useStableBars<Bar extends { at: string }>(newest: Bar[], focused: boolean): Bar[] {
  const [seen, setSeen] = useState(newest);
  const [shown, setShown] = useState(newest);
  if (seen !== newest) {
    setSeen(newest);
    setShown(focused ? startingAt(shown, newest) : newest);
  }
  return shown;
}
