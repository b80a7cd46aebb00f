import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useState } from "react";
import { useKeptFocus } from "../components/use-kept-focus";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { type Action, actionLabel, actionsOf } from "./actions";
import type { Endpoint } from "./condition";
import { nameOf } from "./names";
import { PauseMenu } from "./pause-menu";
import { useActions } from "./use-actions";

// Loaded on demand: most users do not need it.
const ResetDialog = lazy(() => import("./reset-dialog"));

interface Props {
  endpoint: Endpoint;
  /** Whether to offer a pause too, which no state makes necessary. */
  withPause?: boolean;
}

/** Buttons that change the state of an endpoint, if the user may. */
export function ActionButtons({ endpoint, withPause = false }: Props) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const { run, running } = useActions();
  const [asking, setAsking] = useState(false);
  const name = nameOf(endpoint);
  const actions = actionsOf(endpoint).filter((action) => action !== "pause" || withPause);
  const { container, onPress } = useKeptFocus(actions.join());
  if (actions.length === 0 || !may(session, workspace, "callbacks:write")) {
    return null;
  }
  const start = (action: Action, until?: string) => {
    onPress();
    run(action, [endpoint], until);
  };
  const press = (action: Action) => (action === "reset" ? setAsking(true) : start(action));
  return (
    <div ref={container}>
      <SpaceBetween direction="horizontal" size="xs">
        {actions.map((action) =>
          action === "pause" ? (
            <PauseMenu
              key={action}
              loading={running === action}
              ariaLabel={`Pause ${name}`}
              onPause={(until) => start(action, until)}
            />
          ) : (
            <Button
              key={action}
              onClick={() => press(action)}
              loading={running === action}
              ariaLabel={`${actionLabel(action)}: ${name}`}
            >
              {actionLabel(action)}
            </Button>
          ),
        )}
        {asking && endpoint.health.state === "damaged" && (
          <Suspense fallback={null}>
            <ResetDialog
              name={name}
              attributes={endpoint.health.attributes}
              onCancel={() => setAsking(false)}
              onReset={() => {
                setAsking(false);
                start("reset");
              }}
            />
          </Suspense>
        )}
      </SpaceBetween>
    </div>
  );
}
