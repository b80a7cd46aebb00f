import { useMemo } from "react";
import { useParams } from "react-router";
import { pathsOf } from "./paths";

const RECENT = "recent-workspaces";

/** Number of workspaces that the menu offers besides the current one. */
const MAX_RECENT = 8;

/** Returns the workspace of the current address, and its paths. */
export function useWorkspace() {
  const { workspace } = useParams();
  if (workspace === undefined) {
    throw new Error("useWorkspace is used outside a workspace route");
  }
  return useMemo(() => ({ workspace, paths: pathsOf(workspace) }), [workspace]);
}

/** Returns the workspace of the current address; `undefined` in the list of all workspaces. */
export const useOptionalWorkspace = () => useParams().workspace;

/** Returns the workspaces visited in this browser, the latest first. */
export function recentWorkspaces(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** Returns the last workspace visited. */
export const lastWorkspace = (): string | null => recentWorkspaces()[0] ?? null;

export function rememberWorkspace(workspace: string) {
  const recent = [workspace, ...recentWorkspaces().filter((name) => name !== workspace)];
  localStorage.setItem(RECENT, JSON.stringify(recent.slice(0, MAX_RECENT + 1)));
}
