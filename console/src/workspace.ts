import { useParams } from "react-router";
import { pathsOf } from "./paths";

const LAST = "workspace";

/** The workspace of the address, and its views' addresses. */
export function useWorkspace() {
  const { workspace } = useParams();
  if (workspace === undefined) {
    throw new Error("no route without a workspace asks for one");
  }
  return { workspace, paths: pathsOf(workspace) };
}

/** Where the viewer was last. */
export const lastWorkspace = () => localStorage.getItem(LAST);
export const rememberWorkspace = (workspace: string) => localStorage.setItem(LAST, workspace);
