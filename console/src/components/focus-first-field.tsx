import { type ReactNode, useEffect, useRef } from "react";

/**
 * Focuses the first field of a dialog. Cloudscape's modal focuses its close button when it opens, so that the attribute
 * `autofocus` has no effect, and Enter would close the dialog.
 */
export function FocusFirstField({ children }: { children: ReactNode }) {
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // After the effects of the modal, which contains this component.
    const timer = setTimeout(() => content.current?.querySelector<HTMLElement>("input, textarea")?.focus());
    return () => clearTimeout(timer);
  }, []);
  return <div ref={content}>{children}</div>;
}
