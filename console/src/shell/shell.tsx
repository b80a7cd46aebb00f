import AppLayout from "@cloudscape-design/components/app-layout";
import HelpPanel from "@cloudscape-design/components/help-panel";
import { Suspense, useMemo, useRef, useState } from "react";
import { Outlet } from "react-router";
import { Loading } from "../components/loading";
import { useOptionalWorkspace } from "../workspace";
import { Navigation } from "./navigation";
import { NoticesBar } from "./notices-bar";
import { type Page, PageContext } from "./page";
import { useSidePanel } from "./side-panel";
import { TopBar } from "./top-bar";
import { useToolbarFix } from "./use-toolbar-fix";

/** ID of the view's content, to which the skip link leads. */
const CONTENT = "content";

/** Width of the window from which the navigation is open at first, in pixels. Below, it would take a third of it. */
const WIDE_PX = 1024;

/** Shows the frame of every view: top bar, navigation, notices and help. */
export default function Shell() {
  const [page, setPage] = useState<Page>();
  const [helpOpen, setHelpOpen] = useState(false);
  const [navigationOpen, setNavigationOpen] = useState(() => innerWidth >= WIDE_PX);
  const workspace = useOptionalWorkspace();
  const panel = useSidePanel();
  const layout = useRef<HTMLDivElement>(null);
  useToolbarFix(layout);
  const context = useMemo(() => ({ set: setPage, openHelp: () => setHelpOpen(true) }), []);
  return (
    <PageContext value={context}>
      <SkipLink />
      <div id="top-bar">
        <TopBar />
      </div>
      <div ref={layout}>
        <AppLayout
          headerSelector="#top-bar"
          contentType={page?.contentType ?? "default"}
          stickyNotifications
          navigationHide={workspace === undefined}
          navigation={workspace !== undefined && <Navigation />}
          navigationOpen={navigationOpen}
          onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
          notifications={<NoticesBar />}
          tools={<HelpPanel header={<h2>{page?.title ?? "Help"}</h2>}>{page?.help}</HelpPanel>}
          toolsOpen={helpOpen}
          onToolsChange={({ detail }) => setHelpOpen(detail.open)}
          {...panel.layout}
          content={panel.provide(
            <div id={CONTENT} tabIndex={-1}>
              <Suspense fallback={<Loading />}>
                <Outlet />
              </Suspense>
            </div>,
          )}
        />
      </div>
    </PageContext>
  );
}

/** Leads past the navigation, as the first stop of the keyboard. */
function SkipLink() {
  return (
    <a
      className="skip-link"
      href={`#${CONTENT}`}
      onClick={(event) => {
        event.preventDefault(); // the address stays that of the view
        document.getElementById(CONTENT)?.focus();
      }}
    >
      Skip to content
    </a>
  );
}
