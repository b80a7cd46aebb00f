import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

type Notice = Pick<FlashbarProps.MessageDefinition, "type" | "header" | "content" | "loading"> & {
  /** Takes the place of an earlier one of the same id. */
  id: string;
};

interface Notices {
  items: Notice[];
  notify: (notice: Notice) => void;
  dismiss: (id: string) => void;
}

const NoticesContext = createContext<Notices | undefined>(undefined);

/** What happened, said at the top of whatever view is shown. */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<Notice[]>([]);
  const dismiss = useCallback((id: string) => setItems((all) => all.filter((item) => item.id !== id)), []);
  const notify = useCallback(
    (notice: Notice) =>
      setItems((all) => [notice, ...all.filter((item) => item.id !== notice.id)].slice(0, 5)),
    [],
  );
  const notices = useMemo(() => ({ items, notify, dismiss }), [items, notify, dismiss]);
  return <NoticesContext.Provider value={notices}>{children}</NoticesContext.Provider>;
}

export function useNotices(): Omit<Notices, "items"> {
  return useAllNotices();
}

/** With those that are shown, for the bar. */
export function useAllNotices(): Notices {
  const notices = useContext(NoticesContext);
  if (!notices) {
    throw new Error("no notices outside of their provider");
  }
  return notices;
}
