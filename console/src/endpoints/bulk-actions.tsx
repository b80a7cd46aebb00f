import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { actionLabel, allowing, BULK_ACTIONS } from "./actions";
import type { Endpoint } from "./condition";
import { endpointCount } from "./names";
import { PauseMenu } from "./pause-menu";
import { useActions } from "./use-actions";

interface Props {
  selected: Endpoint[];
  onDone: () => void;
}

/** Buttons for the selected endpoints. Each applies to those of them whose state allows it. */
export function BulkActions({ selected, onDone }: Props) {
  const { run, running } = useActions();
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {BULK_ACTIONS.map((action) => {
        const endpoints = allowing(selected, action);
        const text =
          endpoints.length > 0 ? `${actionLabel(action)} (${endpoints.length})` : actionLabel(action);
        const ariaLabel = `${actionLabel(action)}: ${endpointCount(endpoints.length)}`;
        const start = (until?: string) => {
          run(action, endpoints, until);
          onDone();
        };
        return action === "pause" ? (
          <PauseMenu
            key={action}
            text={text}
            ariaLabel={ariaLabel}
            disabled={endpoints.length === 0}
            loading={running === action}
            onPause={start}
          />
        ) : (
          <Button
            key={action}
            ariaLabel={ariaLabel}
            disabled={endpoints.length === 0}
            loading={running === action}
            onClick={() => start()}
          >
            {text}
          </Button>
        );
      })}
    </SpaceBetween>
  );
}
