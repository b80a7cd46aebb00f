import { useState } from "react";

/**
 * Returns the rows as they were when `hold` began; undefined while they are not held, and while there are none. Another
 * `key`, such as another filter or sorting, and `renew` begin again with the latest.
 */
export function useHeld<Row>(latest: readonly Row[], hold: boolean, key: readonly unknown[]) {
  const [stored, setStored] = useState<{ key: readonly unknown[]; rows: readonly Row[] }>();
  const current = hold && stored?.key.every((part, index) => part === key[index]) ? stored : undefined;
  if (hold && !current && latest.length > 0) {
    setStored({ key, rows: latest });
  } else if (!hold && stored) {
    setStored(undefined);
  }
  return { held: current?.rows, renew: () => setStored(undefined) };
}
