import { lazy, Suspense } from "react";
import { Navigate, Route, Routes, useMatch } from "react-router";
import { Loading } from "./components/loading";
import type { Config } from "./config";
import { pathsOf } from "./paths";
import { SessionGate } from "./session/gate";
import { useSession, workspacesOf } from "./session/session";
import { WorkspaceGate } from "./session/workspace-gate";
import { NoticesProvider } from "./shell/notices";
import { lastWorkspace } from "./workspace";

// Each view is a chunk of its own, loaded on first use.
const Shell = lazy(() => import("./shell/shell"));
const Overview = lazy(() => import("./overview/overview"));
const Callbacks = lazy(() => import("./callbacks/callbacks"));
const CallbacksDialog = lazy(() => import("./callbacks/dialog"));
const Deliveries = lazy(() => import("./deliveries/deliveries"));
const Endpoints = lazy(() => import("./endpoints/endpoints"));
const Signing = lazy(() => import("./signing/signing"));
const Audit = lazy(() => import("./audit/audit"));
const TryIt = lazy(() => import("./try-it/try-it"));
const NotFound = lazy(() => import("./shell/not-found"));

export function App({ config }: { config: Config }) {
  return (
    <SessionGate config={config}>
      <NoticesProvider>
        <Routes>
          <Route path="/workspaces/:workspace" element={<WorkspaceGate />}>
            <Route element={<Layout />}>
              <Route index element={<Overview />} />
              <Route path="callbacks" element={<Callbacks />} />
              <Route path="callbacks/edit" element={<Callbacks />} />
              <Route path="deliveries/:deliveryID?" element={<Deliveries />} />
              <Route path="endpoints/:endpointID?" element={<Endpoints />} />
              <Route path="signing" element={<Signing />} />
              <Route path="audit" element={<Audit />} />
              {config.tryIt && <Route path="try-it" element={<TryIt />} />}
              <Route path="*" element={<NotFound />} />
            </Route>
          </Route>
          <Route path="*" element={<RedirectToWorkspace />} />
        </Routes>
      </NoticesProvider>
    </SessionGate>
  );
}

/**
 * Shows the view inside the shell. The callbacks dialog is a sibling of the shell, so that it does not wait for the
 * larger chunk.
 */
function Layout() {
  const editing = useMatch("/workspaces/:workspace/callbacks/edit");
  return (
    <>
      {editing && (
        <Suspense>
          <CallbacksDialog />
        </Suspense>
      )}
      <Suspense fallback={<Loading />}>
        <Shell />
      </Suspense>
    </>
  );
}

function RedirectToWorkspace() {
  const workspaces = workspacesOf(useSession());
  const last = lastWorkspace();
  const allowed = workspaces === null ? (last ?? "default") : workspaces.find((name) => name === last);
  return <Navigate to={pathsOf(allowed ?? workspaces?.[0] ?? "default").overview} replace />;
}
