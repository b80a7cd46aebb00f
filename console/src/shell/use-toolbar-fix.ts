import { type RefObject, useEffect } from "react";

/**
 * Removes `aria-orientation` from the layout's navigation on narrow screens, where its role does not allow it
 * (https://www.w3.org/TR/wai-aria-1.2/#aria-orientation). Cloudscape 3.0.1383 sets it in its mobile toolbar, without an
 * option not to; it renders another toolbar each time the window becomes narrow.
 */
export function useToolbarFix(layout: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const element = layout.current;
    if (!element) {
      return;
    }
    const fix = () => element.querySelector("nav[aria-orientation]")?.removeAttribute("aria-orientation");
    const observer = new MutationObserver(fix);
    observer.observe(element, { childList: true, subtree: true });
    fix();
    return () => observer.disconnect();
  }, [layout]);
}
