import { useState } from "react";
import { withBeginningOf } from "./merge-buckets";

/**
 * Bars that stay where they are while somebody reads them. The chart knows the bar that it shows by its index: with the
 * oldest one gone, it would show the next one, and for the last one nothing.
 */
export function useSteady<Bar extends { at: string }>(newest: Bar[], reading: boolean): Bar[] {
  const [seen, setSeen] = useState(newest);
  const [shown, setShown] = useState(newest);
  if (seen !== newest) {
    setSeen(newest);
    setShown(reading ? withBeginningOf(shown, newest) : newest);
  }
  return shown;
}
