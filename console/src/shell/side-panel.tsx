import type { AppLayoutProps } from "@cloudscape-design/components/app-layout";
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { createPortal } from "react-dom";

// Only views with a panel need it.
const SplitPanel = lazy(() => import("@cloudscape-design/components/split-panel"));

interface Shown {
  title: string;
  onClose: () => void;
}

interface Slot {
  container: HTMLElement | null;
  show: (shown: Shown | undefined) => void;
}

const SlotContext = createContext<Slot | undefined>(undefined);

/** Shows content beside the view, or below it on narrow screens. The content keeps the contexts of the view. */
export function SidePanel({ title, onClose, children }: Shown & { children: ReactNode }) {
  const slot = useContext(SlotContext);
  const show = slot?.show;
  useEffect(() => show?.({ title, onClose }), [show, title, onClose]);
  useEffect(() => () => show?.(undefined), [show]);
  return slot?.container ? createPortal(children, slot.container) : null;
}

/** Returns the layout properties of the side panel, and a function that provides it to the view. */
export function useSidePanel() {
  const [shown, setShown] = useState<Shown>();
  const [container, setContainer] = useState<HTMLElement | null>(null);
  const [size, setSize] = useState(460);
  const [position, setPosition] = useState<"side" | "bottom">("side");
  const slot = useMemo(() => ({ container, show: setShown }), [container]);
  const layout: Partial<AppLayoutProps> = {
    splitPanel: shown && (
      <Suspense>
        <SplitPanel header={shown.title} closeBehavior="hide">
          <div ref={setContainer} className="side-panel" />
        </SplitPanel>
      </Suspense>
    ),
    splitPanelOpen: shown !== undefined,
    splitPanelSize: size,
    splitPanelPreferences: { position },
    onSplitPanelToggle: () => shown?.onClose(),
    onSplitPanelResize: ({ detail }) => setSize(detail.size),
    onSplitPanelPreferencesChange: ({ detail }) => setPosition(detail.position),
  };
  const provide = (view: ReactNode) => <SlotContext value={slot}>{view}</SlotContext>;
  return { layout, provide };
}
