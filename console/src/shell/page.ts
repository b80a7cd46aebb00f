import type { AppLayoutProps } from "@cloudscape-design/components/app-layout";
import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect } from "react";
import { removeFrame } from "../frame/frame";
import { PRODUCT } from "../labels/views";

export interface Page {
  title: string;
  help: ReactNode;
  /** `table` gives the view the full width of the window. */
  contentType?: AppLayoutProps.ContentType;
}

/** Title, help and layout of the current view: set by the view, read by the shell. */
export const PageContext = createContext<{ set: (page: Page) => void; openHelp: () => void } | undefined>(
  undefined,
);

/**
 * Sets the title, the help and the layout of the view. Title and help must be stable between renderings, such as module
 * constants. The content type `table` gives the view the full width of the window.
 */
export function usePage(title: string, help: ReactNode, contentType: Page["contentType"] = "default") {
  const page = useContext(PageContext);
  const isInShell = page !== undefined;
  // Before the browser paints: the program shows the same at the same place.
  useLayoutEffect(() => {
    if (isInShell) {
      removeFrame();
    }
  }, [isInShell]);
  useEffect(() => {
    document.title = `${title} – ${PRODUCT}`;
    page?.set({ title, help, contentType });
  }, [page, title, help, contentType]);
  return { openHelp: page?.openHelp };
}
