import { useEffect, useRef } from "react";

/** Focuses a field once its dialog is open. `autoFocus` is lost, because a Modal then focuses its first control. */
export function useInitialFocus<T extends { focus: () => void }>() {
  const field = useRef<T>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return field;
}
