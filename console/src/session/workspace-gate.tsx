import Alert from "@cloudscape-design/components/alert";
import Link from "@cloudscape-design/components/link";
import { useLayoutEffect } from "react";
import { Outlet } from "react-router";
import { PRODUCT } from "../labels/views";
import { FLEET, pathsOf } from "../paths";
import { useRouterLink } from "../shell/use-router-link";
import { rememberWorkspace, useWorkspace } from "../workspace";
import { useSession, workspacesOf } from "./session";
import { Standalone } from "./standalone";

/** Shows the workspace to users with a role in it, and links the others to theirs. */
export function WorkspaceGate() {
  const { workspace } = useWorkspace();
  const session = useSession();
  const workspaces = workspacesOf(session);
  const follow = useRouterLink();
  const allowed = workspaces === null || workspaces.includes(workspace);
  // A layout effect, so that the workspace is remembered even if the user leaves at once.
  useLayoutEffect(() => {
    if (allowed) {
      rememberWorkspace(workspace);
    }
  }, [workspace, allowed]);
  if (allowed) {
    return <Outlet />;
  }
  return (
    <Standalone title={PRODUCT}>
      <Alert
        type="warning"
        header={`You have no role in the workspace ${workspace}`}
        statusIconAriaLabel="Warning"
      >
        {workspaces.length > 0 && "You have a role in "}
        {workspaces.map((name, index) => (
          <span key={name}>
            {index > 0 && ", "}
            <Link href={pathsOf(name).overview} onFollow={follow}>
              {name}
            </Link>
          </span>
        ))}
        {workspaces.length > 0 && ". "}
        {session.operator && (
          <Link href={FLEET} onFollow={follow}>
            All workspaces
          </Link>
        )}
      </Alert>
    </Standalone>
  );
}
