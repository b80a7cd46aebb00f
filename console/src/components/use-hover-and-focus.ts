import { type FocusEvent, type PointerEvent, useState } from "react";

/** Rows of a table or a list, which may be under the pointer or have the focus. */
const ROWS = "tbody, li";

/**
 * Returns whether someone is at the rows, and the handlers of the element around the table or list: the pointer or
 * the focus has come to a row, and has not left that element since. On the way from a row to a button above it, all stays.
 */
export function useHoverAndFocus() {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const isInRows = (target: EventTarget) => target instanceof Element && target.closest(ROWS) !== null;
  const area = {
    onPointerOver: ({ target, pointerType }: PointerEvent) =>
      // A finger does not stay over a row.
      setHovered((was) => pointerType !== "touch" && (was || isInRows(target))),
    onPointerLeave: () => setHovered(false),
    onFocus: ({ target }: FocusEvent) => setFocused((was) => was || isInRows(target)),
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) =>
      setFocused((was) => was && currentTarget.contains(relatedTarget as Node | null)),
  };
  return { active: hovered || focused, area };
}
