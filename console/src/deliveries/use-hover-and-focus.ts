import { type FocusEvent, type PointerEvent, useState } from "react";

/** Body of the table, whose rows may be under the pointer or have the focus. */
const ROWS = "tbody";

/** Returns whether the pointer or the focus is in a row of a table, and the handlers of the element around the table. */
export function useHoverAndFocus() {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const isInRows = (target: EventTarget) => target instanceof Element && target.closest(ROWS) !== null;
  const area = {
    onPointerOver: ({ target, pointerType }: PointerEvent) =>
      // A finger does not stay over a row.
      setHovered(pointerType !== "touch" && isInRows(target)),
    onPointerLeave: () => setHovered(false),
    onFocus: ({ target }: FocusEvent) => setFocused(isInRows(target)),
    onBlur: () => setFocused(false),
  };
  return { active: hovered || focused, area };
}
