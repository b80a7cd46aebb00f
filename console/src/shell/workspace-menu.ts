import type { ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import type { TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { useNavigate } from "react-router";
import { pathsOf } from "../paths";
import { useSession, workspacesOf } from "../session/session";
import { recentWorkspaces, useWorkspace } from "../workspace";

/** Returns the menu of workspaces: those of the user, or the recent ones of a user who may see all. */
export function useWorkspaceMenu(chooseAnother: () => void): TopNavigationProps.Utility {
  const { workspace } = useWorkspace();
  const navigate = useNavigate();
  const own = workspacesOf(useSession());
  const item = (id: string) => ({ id: `to:${id}`, text: id });
  const recent = recentWorkspaces()
    .filter((id) => id !== workspace)
    .map(item);
  const items: ButtonDropdownProps.ItemOrGroup[] = own
    ? own.map((id) => ({ ...item(id), disabled: id === workspace }))
    : [
        { ...item(workspace), disabled: true },
        ...(recent.length > 0 ? [{ id: "recent", text: "Recent", items: recent }] : []),
        { id: "other", text: "Another workspace…" },
      ];
  return {
    type: "menu-dropdown",
    text: workspace,
    ariaLabel: `Workspace ${workspace}`,
    title: "Workspace",
    iconName: "folder",
    items,
    onItemClick: ({ detail }) =>
      detail.id === "other" ? chooseAnother() : navigate(pathsOf(detail.id.slice("to:".length)).overview),
  };
}
