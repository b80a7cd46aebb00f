import { type ComponentType, memo, useMemo, useRef } from "react";

/**
 * Cells of Cloudscape's table that render only when what they show has changed. Its own render whenever the table does,
 * which is a few thousand components for each delivery that comes into a live log. `build/table-rows.ts` puts these in
 * their place.
 */

type Props = Record<string, unknown>;

/** Functions that cells use while they are edited, which no table of the console is, and what follows from the column. */
const FROM_COLUMN = new Set(["onEditStart", "onEditEnd", "submitEdit", "resizableStyle"]);

/** Returns whether a cell would look the same. Exported for tests. */
export function isSameCell(before: Props, now: Props): boolean {
  if (now.isEditable || now.isEditing) {
    return false;
  }
  const ignored = (name: string) =>
    FROM_COLUMN.has(name) || name === "stickyState" || (name === "isEvenRow" && !now.stripedRows);
  return isSame(before, now, ignored) && storeOf(before) === storeOf(now);
}

/** Returns what cells subscribe to for sticky columns. What is around it is new at each render. */
const storeOf = ({ stickyState }: Props) => (stickyState as { store?: unknown } | undefined)?.store;

/** Wraps the cell of a column. */
export const memoCell = (Cell: ComponentType<Props>) => memo(Cell, isSameCell);

/** Wraps the cell with a row's checkbox, whose functions are new at each render. */
export function memoSelectionCell(Cell: ComponentType<Props>) {
  const Memoized = memo(Cell, isSameSelectionCell);
  return ({ selectionControlProps, ...props }: Props & { selectionControlProps?: Props }) => {
    const latest = useRef<Props>(undefined);
    latest.current = selectionControlProps;
    const functions = useMemo(() => forwarders(() => latest.current), []);
    const control = selectionControlProps && { ...selectionControlProps, ...functions };
    return <Memoized {...props} selectionControlProps={control} />;
  };
}

const SELECTION_FUNCTIONS = ["onChange", "onShiftToggle", "onFocusDown", "onFocusUp"];

/** Returns functions that stay the same, and call those of the latest render. */
function forwarders(latest: () => Props | undefined): Props {
  const call = (name: string) => {
    return (...values: unknown[]) =>
      (latest()?.[name] as ((...values: unknown[]) => void) | undefined)?.(...values);
  };
  return Object.fromEntries(SELECTION_FUNCTIONS.map((name) => [name, call(name)]));
}

function isSameSelectionCell(before: Props, now: Props): boolean {
  const { selectionControlProps: controlBefore, ...cellBefore } = before;
  const { selectionControlProps: control, ...cell } = now;
  return (
    isSameCell(cellBefore, cell) &&
    // The index is for analytics, which the console does not have.
    isSame(controlBefore as Props, control as Props, (name) => name === "rowIndex")
  );
}

function isSame(before: Props = {}, now: Props = {}, ignored: (name: string) => boolean): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].every((name) => ignored(name) || Object.is(before[name], now[name]));
}
