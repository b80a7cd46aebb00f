import { createContext, type ReactNode, useContext, useEffect } from "react";

export interface Page {
  title: string;
  help: ReactNode;
}

/** Title and help of the current view: set by the view, read by the shell. */
export const PageContext = createContext<{ set: (page: Page) => void; openHelp: () => void } | undefined>(
  undefined,
);

/** Sets the title and the help of the view. Both must be stable between renderings, such as module constants. */
export function usePage(title: string, help: ReactNode) {
  const page = useContext(PageContext);
  useEffect(() => {
    document.title = `${title} – Instance Webhooks`;
    page?.set({ title, help });
  }, [page, title, help]);
  return { openHelp: page?.openHelp };
}
