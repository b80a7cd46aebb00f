import { useState } from "react";
import { startingAt } from "./merge-buckets";

/**
 * Bars that stay where they are while somebody reads them. The chart knows the bar that it shows by its index: with the
 * oldest one gone, it would show the next one, and for the last one nothing.
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
