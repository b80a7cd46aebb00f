import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";

interface Props {
  filtered: boolean;
  onClear: () => void;
  /** Continues a search that stopped before the end of the log. */
  onContinue?: () => void;
  laterPage: boolean;
}

/** Explains an empty list and offers the next step. */
export function EmptyLog({ filtered, onClear, onContinue, laterPage }: Props) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  if (onContinue) {
    return (
      <Empty title="Nothing found so far" text="The log goes further back: older deliveries may match.">
        <Button onClick={onContinue}>Search further back</Button>
      </Empty>
    );
  }
  if (laterPage) {
    return <Empty title="No more deliveries" text="This is the end of the log." />;
  }
  if (filtered) {
    return (
      <Empty title="No matches" text="No logged delivery matches the filter.">
        <Button onClick={onClear}>Clear filter</Button>
      </Empty>
    );
  }
  return (
    <Empty
      title="No deliveries yet"
      text="Each time an instance is created, updated or deleted, the configured URLs are called. The deliveries appear here."
    >
      <Link href={paths.callbacks} onFollow={follow}>
        See which URLs are called
      </Link>
    </Empty>
  );
}

function Empty({ title, text, children }: { title: string; text: string; children?: React.ReactNode }) {
  return (
    <Box textAlign="center" color="inherit" margin={{ vertical: "xs" }}>
      <SpaceBetween size="m">
        <div>
          <b>{title}</b>
          <Box variant="p" color="inherit">
            {text}
          </Box>
        </div>
        {children}
      </SpaceBetween>
    </Box>
  );
}
