import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { useState } from "react";
import { useNavigate } from "react-router";
import { PRODUCT } from "../labels/views";
import { FLEET, pathsOf } from "../paths";
import { useSession } from "../session/session";
import { useOptionalWorkspace } from "../workspace";
import { chooseTheme, chosenTheme, type Theme } from "./theme";
import { WorkspaceChooser } from "./workspace-chooser";
import { useWorkspaceMenu } from "./workspace-menu";

const THEMES: [Theme, string][] = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** Shows the product name, the workspace, the theme and the user. */
export function TopBar() {
  const session = useSession();
  const workspace = useOptionalWorkspace();
  const home = workspace === undefined ? FLEET : pathsOf(workspace).overview;
  const navigate = useNavigate();
  const [theme, setTheme] = useState(chosenTheme);
  const [choosing, setChoosing] = useState(false);
  const workspaceMenu = useWorkspaceMenu(() => setChoosing(true));

  const utilities: TopNavigationProps.Utility[] = [
    workspaceMenu,
    {
      type: "menu-dropdown",
      ariaLabel: "Theme",
      title: "Theme",
      iconName: "settings",
      items: THEMES.map(([id, text]) => ({ id, text, itemType: "checkbox", checked: theme === id })),
      onItemClick: ({ detail }) => {
        const chosen = detail.id as Theme;
        chooseTheme(chosen);
        setTheme(chosen);
      },
    },
    {
      type: "menu-dropdown",
      text: session.name,
      iconName: "user-profile",
      items: [
        session.signOut
          ? { id: "sign-out", text: "Sign out" }
          : { id: "no-sign-in", text: "No sign-in on this machine", disabled: true },
      ],
      onItemClick: session.signOut,
    },
  ];
  return (
    <>
      <TopNavigation
        identity={{
          href: home,
          title: PRODUCT,
          onFollow: (event) => {
            event.preventDefault();
            navigate(home);
          },
        }}
        utilities={utilities}
      />
      {choosing && <WorkspaceChooser onClose={() => setChoosing(false)} />}
    </>
  );
}
