import { useHeld } from "./use-held";

interface Row {
  endpointID: string;
}

/**
 * Returns the rows in the order to show. While `hold` is true it is the one in which they were when that began, so that
 * a press does not meet another row. Another `key` begins again.
 */
export function useHeldOrder<R extends Row>(
  rows: readonly R[],
  hold: boolean,
  key: readonly unknown[] = [],
): readonly R[] {
  const { held } = useHeld(rows, hold, key);
  return held ? inOrderOf(held, rows) : rows;
}

/** Returns the rows in the order of the held ones; others come last. Pure. */
export function inOrderOf<R extends Row>(held: readonly R[], rows: readonly R[]): R[] {
  const places = new Map(held.map(({ endpointID }, place) => [endpointID, place]));
  const placeOf = ({ endpointID }: R) => places.get(endpointID) ?? held.length;
  return [...rows].sort((one, other) => placeOf(one) - placeOf(other));
}
