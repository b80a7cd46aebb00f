let pressed = false;
const note = ({ type }: Event) => {
  pressed = type === "pointerdown";
};
for (const type of ["pointerdown", "pointerup", "pointercancel"]) {
  addEventListener(type, note, true);
}

/**
 * Calls a function once no button of the pointer is pressed. What changes the layout waits for it: pressing a button
 * takes the focus from a field, and a layout that moves then would take the click from the button.
 */
export function afterPress(act: () => void) {
  if (pressed) {
    // The click follows `pointerup` in the same task.
    addEventListener("pointerup", () => setTimeout(act), { once: true });
  } else {
    act();
  }
}
