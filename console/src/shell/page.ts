import { createContext, type ReactNode, useContext, useEffect } from "react";

export interface Page {
  title: string;
  help: ReactNode;
}

/** Set by the view that is shown, read by the shell. */
export const PageContext = createContext<{ set: (page: Page) => void; openHelp: () => void } | undefined>(
  undefined,
);

/**
 * Names the view, in the browser's title and history, and gives the shell its help. Both have to keep their identity
 * between renderings: constants of the module.
 */
export function usePage(title: string, help: ReactNode) {
  const page = useContext(PageContext);
  useEffect(() => {
    document.title = `${title} – Instance Webhooks`;
    page?.set({ title, help });
  }, [page, title, help]);
  return { openHelp: page?.openHelp };
}
