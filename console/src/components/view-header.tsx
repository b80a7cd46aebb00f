import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import type { ReactNode } from "react";

interface Props {
  title: string;
  description: string;
  openHelp: (() => void) | undefined;
  actions?: ReactNode;
}

/** Shows the title and description of a view, with a link to its help. */
export function ViewHeader({ title, description, openHelp, actions }: Props) {
  const help = (
    <Link variant="info" ariaLabel={`Info on ${title}`} onFollow={openHelp}>
      Info
    </Link>
  );
  return (
    <Header variant="h1" info={help} description={description} actions={actions}>
      {title}
    </Header>
  );
}
