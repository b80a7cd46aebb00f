import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";

interface Props {
  title: string;
  description: string;
  openHelp: (() => void) | undefined;
}

/** Shows the title and description of a view, with a link to its help. */
export function ViewHeader({ title, description, openHelp }: Props) {
  const help = (
    <Link variant="info" ariaLabel={`Info on ${title}`} onFollow={openHelp}>
      Info
    </Link>
  );
  return (
    <Header variant="h1" info={help} description={description}>
      {title}
    </Header>
  );
}
