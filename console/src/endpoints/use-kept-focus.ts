import { useEffect, useRef } from "react";

/**
 * Keeps the focus among buttons that an action replaces: when the pressed one is gone, the first of the others gets it,
 * or a link if there are none. Otherwise the keyboard would start from the top of the page.
 */
export function useKeptFocus(buttons: string) {
  const container = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other buttons are other elements
  useEffect(() => {
    if (pressed.current && document.activeElement === document.body) {
      const left = container.current?.querySelector("button") ?? container.current?.querySelector("a");
      left?.focus();
    }
    pressed.current = false;
  }, [buttons]);
  const onPress = () => {
    pressed.current = true;
  };
  return { container, onPress };
}
