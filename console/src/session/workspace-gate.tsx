import Alert from "@cloudscape-design/components/alert";
import Link from "@cloudscape-design/components/link";
import { useLayoutEffect } from "react";
import { Outlet } from "react-router";
import { pathsOf } from "../paths";
import { useRouterLink } from "../shell/use-router-link";
import { rememberWorkspace, useWorkspace } from "../workspace";
import { useSession, workspacesOf } from "./session";
import { Standalone } from "./standalone";

/** Lets in who has a role in the workspace of the address; tells everybody else which ones they have. */
export function WorkspaceGate() {
  const { workspace } = useWorkspace();
  const workspaces = workspacesOf(useSession());
  const follow = useRouterLink();
  const mine = workspaces === null || workspaces.includes(workspace);
  // As soon as the workspace is seen: whoever leaves at once comes back to it, too.
  useLayoutEffect(() => {
    if (mine) {
      rememberWorkspace(workspace);
    }
  }, [workspace, mine]);
  if (mine) {
    return <Outlet />;
  }
  return (
    <Standalone title="Instance Webhooks">
      <Alert
        type="warning"
        header={`You have no role in the workspace ${workspace}`}
        statusIconAriaLabel="Warning"
      >
        You have one in{" "}
        {workspaces.map((name, index) => (
          <span key={name}>
            {index > 0 && ", "}
            <Link href={pathsOf(name).overview} onFollow={follow}>
              {name}
            </Link>
          </span>
        ))}
        .
      </Alert>
    </Standalone>
  );
}
