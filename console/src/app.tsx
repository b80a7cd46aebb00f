import { lazy, Suspense } from "react";
import { createBrowserRouter, Navigate, Outlet, type RouteObject, useMatch } from "react-router";
import { Loading } from "./components/loading";
import type { Config } from "./config";
import { FLEET, pathsOf } from "./paths";
import { SessionGate } from "./session/gate";
import { useSession, workspacesOf } from "./session/session";
import { WorkspaceGate } from "./session/workspace-gate";
import { AppFailure, ViewFailure } from "./shell/failure";
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
const Fleet = lazy(() => import("./fleet/fleet"));
const NotFound = lazy(() => import("./shell/not-found"));

const views = (config: Config): RouteObject[] => [
  { index: true, element: <Overview /> },
  { path: "callbacks", element: <Callbacks /> },
  { path: "callbacks/edit", element: <Callbacks /> },
  { path: "deliveries/:deliveryID?", element: <Deliveries /> },
  { path: "endpoints/:endpointID?", element: <Endpoints /> },
  { path: "signing", element: <Signing /> },
  { path: "audit", element: <Audit /> },
  ...(config.tryIt ? [{ path: "try-it", element: <TryIt /> }] : []),
  { path: "*", element: <NotFound /> },
];

/** Creates the router of the console. A view that fails is replaced inside the shell, anything else as a whole. */
export const createRouter = (config: Config) =>
  createBrowserRouter([
    {
      element: <App config={config} />,
      errorElement: <AppFailure />,
      children: [
        {
          path: "/workspaces/:workspace",
          element: <WorkspaceGate />,
          children: [
            {
              element: <Layout />,
              children: [{ errorElement: <ViewFailure />, children: views(config) }],
            },
          ],
        },
        {
          path: FLEET,
          element: <OperatorGate />,
          children: [
            {
              element: <Layout />,
              children: [{ errorElement: <ViewFailure />, children: [{ index: true, element: <Fleet /> }] }],
            },
          ],
        },
        { path: "*", element: <RedirectToWorkspace /> },
      ],
    },
  ]);

function App({ config }: { config: Config }) {
  return (
    <SessionGate config={config}>
      <NoticesProvider>
        <Outlet />
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

/** Shows the list of all workspaces to operators. The others go to their workspace. */
function OperatorGate() {
  return useSession().operator ? <Outlet /> : <RedirectToWorkspace />;
}

function RedirectToWorkspace() {
  const session = useSession();
  const workspaces = workspacesOf(session);
  const last = lastWorkspace();
  const allowed = workspaces === null ? (last ?? "default") : workspaces.find((name) => name === last);
  const workspace = allowed ?? workspaces?.[0];
  return <Navigate to={workspace ? pathsOf(workspace).overview : FLEET} replace />;
}
