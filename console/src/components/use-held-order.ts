import { useState } from "react";

interface Row {
  endpointID: string;
}

interface Held {
  key: readonly unknown[];
  ids: string[];
}

/**
 * Returns the rows in the order to show. While `hold` is true it is the one in which they were when that began, so that
 * a press does not meet another row. Another `key`, such as another sorting, begins again.
 */
export function useHeldOrder<R extends Row>(
  rows: readonly R[],
  hold: boolean,
  key: readonly unknown[] = [],
): readonly R[] {
  const [held, setHeld] = useState<Held>();
  const current = hold && held?.key.every((part, index) => part === key[index]) ? held : undefined;
  if (hold && !current && rows.length > 0) {
    setHeld({ key, ids: rows.map(({ endpointID }) => endpointID) });
  } else if (!hold && held) {
    setHeld(undefined);
  }
  return current ? inOrder(current.ids, rows) : rows;
}

/** Returns the rows in the order of these IDs; others come last. Pure. */
export function inOrder<R extends Row>(ids: string[], rows: readonly R[]): R[] {
  const places = new Map(ids.map((id, place) => [id, place]));
  const placeOf = ({ endpointID }: R) => places.get(endpointID) ?? ids.length;
  return [...rows].sort((one, other) => placeOf(one) - placeOf(other));
}
