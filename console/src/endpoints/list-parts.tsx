import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { BulkActions } from "./bulk-actions";
import type { Endpoint } from "./condition";

const { title, description } = VIEWS.endpoints;

interface ListHeaderProps {
  /** Number of endpoints, when it is known. */
  count: number | undefined;
  selected: Endpoint[];
  mayChange: boolean;
  onDone: () => void;
}

export function ListHeader({ count, selected, mayChange, onDone }: ListHeaderProps) {
  const chosen = selected.length > 0 ? `${selected.length}/` : "";
  return (
    <Header
      variant="h1"
      counter={count === undefined ? undefined : `(${chosen}${count})`}
      description={description}
      actions={mayChange && <BulkActions selected={selected} onDone={onDone} />}
    >
      {title}
    </Header>
  );
}

interface ListFilterProps {
  text: string;
  /** Number of endpoints that match. */
  matches: number;
  onChange: (text: string) => void;
}

export function ListFilter({ text, matches, onChange }: ListFilterProps) {
  return (
    <TextFilter
      filteringText={text}
      filteringPlaceholder="Find by name, URL, health, process or attribute"
      filteringAriaLabel="Find endpoints"
      countText={text && (matches === 1 ? "1 match" : `${matches} matches`)}
      onChange={({ detail }) => onChange(detail.filteringText)}
    />
  );
}

export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <SpaceBetween size="s">
      <Box variant="strong">No endpoint matches</Box>
      <Button onClick={onClear}>Clear filter</Button>
    </SpaceBetween>
  );
}

export function NoEndpoints() {
  const { workspace, paths } = useWorkspace();
  const follow = useRouterLink();
  const mayChange = may(useSession(), workspace, "callbacks:write");
  return (
    <SpaceBetween size="s">
      <Box variant="strong">No endpoints yet</Box>
      <Box color="text-body-secondary">Each callback URL that is set becomes an endpoint</Box>
      {mayChange && (
        <Button href={paths.editCallbacks} onFollow={follow}>
          Set callback URLs
        </Button>
      )}
    </SpaceBetween>
  );
}
