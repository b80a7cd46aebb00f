import type { ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import type { TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { useNavigate } from "react-router";
import { ALL_WORKSPACES } from "../labels/views";
import { FLEET, pathsOf } from "../paths";
import { useSession, workspacesOf } from "../session/session";
import { recentWorkspaces, useOptionalWorkspace } from "../workspace";

/** Returns the menu of workspaces: those of the user, or the recent ones of a user who may see all. */
export function useWorkspaceMenu(chooseAnother: () => void): TopNavigationProps.Utility {
  const workspace = useOptionalWorkspace();
  const navigate = useNavigate();
  const session = useSession();
  const own = workspacesOf(session);
  const item = (id: string) => ({ id: `to:${id}`, text: id });
  const recent = recentWorkspaces()
    .filter((id) => id !== workspace)
    .map(item);
  const items: ButtonDropdownProps.ItemOrGroup[] = own
    ? own.map((id) => ({ ...item(id), disabled: id === workspace }))
    : [
        ...(workspace === undefined ? [] : [{ ...item(workspace), disabled: true }]),
        ...(recent.length > 0 ? [{ id: "recent", text: "Recent", items: recent }] : []),
        { id: "other", text: "Another workspace…" },
      ];
  if (session.operator) {
    items.push({ id: "all", text: ALL_WORKSPACES.title, disabled: workspace === undefined });
  }
  return {
    type: "menu-dropdown",
    text: workspace ?? ALL_WORKSPACES.title,
    ariaLabel: workspace === undefined ? ALL_WORKSPACES.title : `Workspace ${workspace}`,
    title: "Workspace",
    iconName: "folder",
    items,
    onItemClick: ({ detail }) => {
      if (detail.id === "other") {
        chooseAnother();
      } else {
        navigate(detail.id === "all" ? FLEET : pathsOf(detail.id.slice("to:".length)).overview);
      }
    },
  };
}
