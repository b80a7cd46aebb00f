import AppLayout from "@cloudscape-design/components/app-layout";
import HelpPanel from "@cloudscape-design/components/help-panel";
import { Suspense, useMemo, useState } from "react";
import { Outlet } from "react-router";
import { Loading } from "../components/loading";
import { Navigation } from "./navigation";
import { NoticesBar } from "./notices-bar";
import { type Page, PageContext } from "./page";
import { useSidePanel } from "./side-panel";
import { TopBar } from "./top-bar";

/** Shows the frame of every view: top bar, navigation, notices and help. */
export default function Shell() {
  const [page, setPage] = useState<Page>();
  const [helpOpen, setHelpOpen] = useState(false);
  const panel = useSidePanel();
  const context = useMemo(() => ({ set: setPage, openHelp: () => setHelpOpen(true) }), []);
  return (
    <PageContext value={context}>
      <div id="top-bar">
        <TopBar />
      </div>
      <AppLayout
        headerSelector="#top-bar"
        contentType={page?.contentType ?? "default"}
        stickyNotifications
        navigation={<Navigation />}
        notifications={<NoticesBar />}
        tools={<HelpPanel header={<h2>{page?.title ?? "Help"}</h2>}>{page?.help}</HelpPanel>}
        toolsOpen={helpOpen}
        onToolsChange={({ detail }) => setHelpOpen(detail.open)}
        {...panel.layout}
        content={panel.provide(
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>,
        )}
      />
    </PageContext>
  );
}
