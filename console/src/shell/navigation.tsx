import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { useLocation } from "react-router";
import { may, type Permission, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { useRouterLink } from "./use-router-link";

/** Shows the navigation: the views that the user may see. */
export function Navigation() {
  const session = useSession();
  const { workspace, paths } = useWorkspace();
  const { pathname } = useLocation();
  const follow = useRouterLink();
  const link = (text: string, href: string, permission: Permission): SideNavigationProps.Item[] =>
    may(session, workspace, permission) ? [{ type: "link", text, href }] : [];

  const webhooks = [
    ...link("Overview", paths.overview, "deliveries:read"),
    ...link("Instance Callback URLs", paths.callbacks, "callbacks:read"),
    ...link("Deliveries", paths.deliveries, "deliveries:read"),
    ...link("Endpoints", paths.endpoints, "callbacks:read"),
    ...link("Signing", paths.signing, "signing-secret"),
    ...link("Audit", paths.audit, "callbacks:read"),
  ];
  const items: SideNavigationProps.Item[] = [{ type: "section", text: "Webhooks", items: webhooks }];
  if (session.config.tryIt) {
    items.push({
      type: "section",
      text: "This machine",
      items: [{ type: "link", text: "Try it", href: paths.tryIt }],
    });
  }
  const links = items.flatMap((item) => ("items" in item ? item.items : [])) as SideNavigationProps.Link[];
  const active = links
    .map(({ href }) => href)
    .filter((href) => pathname === href || pathname.startsWith(`${href}/`))
    .sort((one, other) => other.length - one.length)[0];
  return (
    <SideNavigation
      header={{ text: "Developer resources", href: paths.overview }}
      items={items}
      activeHref={active}
      onFollow={follow}
    />
  );
}
