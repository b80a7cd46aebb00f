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
    if (!pressed.current) {
      return;
    }
    const { activeElement, body } = document;
    if (activeElement !== body) {
      pressed.current = container.current?.contains(activeElement) ?? false;
      return;
    }
    const left = container.current?.querySelector("button") ?? container.current?.querySelector("a");
    left?.focus();
    // Until the action has ended there may be none.
    pressed.current = !left;
  }, [buttons]);
  const onPress = () => {
    pressed.current = true;
  };
  return { container, onPress };
}
