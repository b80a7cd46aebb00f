import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

type Notice = Pick<FlashbarProps.MessageDefinition, "type" | "header" | "content" | "loading"> & {
  /** ID of the notice. A later notice with the same ID replaces it. */
  id: string;
  /** A button of the notice. */
  action?: { text: string; onClick: () => void };
};

/** Time after which a notice of success goes by itself, in milliseconds. Other notices stay until they are dismissed. */
export const SUCCESS_NOTICE_MS = 20_000;

interface Notices {
  items: Notice[];
  notify: (notice: Notice) => void;
  dismiss: (id: string) => void;
}

const NoticesContext = createContext<Notices | undefined>(undefined);

/** Provides notices, which are shown above every view. */
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

/** Returns the notices with their actions. */
export function useAllNotices(): Notices {
  const notices = useContext(NoticesContext);
  if (!notices) {
    throw new Error("useNotices is used outside NoticesProvider");
  }
  return notices;
}
