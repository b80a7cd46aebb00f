import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { type Action, actionLabel, actionsOf } from "./actions";
import type { Endpoint } from "./condition";
import { nameOf } from "./names";
import { PAUSE_ITEMS, pauseEnd } from "./pause";
import { useActions } from "./use-actions";

/** Offers the actions of an endpoint in its row. The endpoint's page has those that need a question. */
export function RowActions({ endpoint }: { endpoint: Endpoint }) {
  const { run, running } = useActions();
  const actions: Action[] = actionsOf(endpoint).filter((action) => action !== "reset");
  const items = actions.map((action) =>
    action === "pause"
      ? { text: actionLabel(action), items: PAUSE_ITEMS.filter(({ id }) => id !== "date") }
      : { id: action, text: actionLabel(action) },
  );
  const choose = (item: string) => {
    const action = actions.find((action) => action === item);
    return action ? run(action, [endpoint]) : run("pause", [endpoint], pauseEnd(item));
  };
  return (
    <ButtonDropdown
      variant="inline-icon"
      items={items}
      ariaLabel={`Actions for ${nameOf(endpoint)}`}
      loading={running !== undefined}
      expandToViewport
      onItemClick={({ detail }) => choose(detail.id)}
    />
  );
}
