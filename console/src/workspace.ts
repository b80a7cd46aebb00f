import { useParams } from "react-router";
import { pathsOf } from "./paths";

const LAST = "workspace";

/** Returns the workspace of the current address, and its paths. */
export function useWorkspace() {
  const { workspace } = useParams();
  if (workspace === undefined) {
    throw new Error("useWorkspace is used outside a workspace route");
  }
  return { workspace, paths: pathsOf(workspace) };
}

/** Returns the last workspace visited. */
export const lastWorkspace = () => localStorage.getItem(LAST);
export const rememberWorkspace = (workspace: string) => localStorage.setItem(LAST, workspace);
