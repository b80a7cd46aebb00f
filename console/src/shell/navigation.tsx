import SideNavigation from "@cloudscape-design/components/side-navigation";
import { useLocation } from "react-router";
import { NAVIGATION, SECTIONS, VIEWS, type View } from "../labels/views";
import { may, type Permission, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { useRouterLink } from "./use-router-link";

/** Permission that each view requires. *Try it* is there or not for all users. */
const PERMISSIONS: Record<Exclude<View, "tryIt">, Permission> = {
  overview: "deliveries:read",
  callbacks: "callbacks:read",
  deliveries: "deliveries:read",
  endpoints: "callbacks:read",
  signing: "signing-secret",
  audit: "callbacks:read",
};

/** Shows the navigation: the views that the user may see. */
export function Navigation() {
  const session = useSession();
  const { workspace, paths } = useWorkspace();
  const { pathname } = useLocation();
  const follow = useRouterLink();
  const isOffered = (view: View) =>
    view === "tryIt" ? session.config.tryIt : may(session, workspace, PERMISSIONS[view]);
  const sections = SECTIONS.map(({ title, views }) => ({
    type: "section" as const,
    text: title,
    items: views
      .filter(isOffered)
      .map((view) => ({ type: "link" as const, text: VIEWS[view].title, href: paths[view] })),
  }));
  const active = sections
    .flatMap(({ items }) => items.map(({ href }) => href))
    .filter((href) => pathname === href || pathname.startsWith(`${href}/`))
    .sort((one, other) => other.length - one.length)[0];
  return (
    <SideNavigation
      header={{ text: NAVIGATION, href: paths.overview }}
      items={sections.filter(({ items }) => items.length > 0)}
      activeHref={active}
      onFollow={follow}
    />
  );
}
