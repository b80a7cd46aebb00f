import type { Endpoint } from "./condition";

/** Changes of an endpoint's state. `retry`, `enable` and `reset` are the API's `resume`, by the state that they end. */
export type Action = "retry" | "enable" | "reset" | "resume" | "pause";

const LABELS: Record<Action, string> = {
  retry: "Retry now",
  enable: "Re-enable",
  reset: "Reset damaged attributes",
  resume: "Resume",
  pause: "Pause",
};

export const actionLabel = (action: Action) => LABELS[action];

/** Returns the actions that an endpoint's state allows, the most urgent first. */
export function actionsOf({ health, settings }: Endpoint): Action[] {
  const actions: Action[] = [];
  if (health.state === "damaged") {
    actions.push("reset");
  }
  if (health.state === "failing") {
    actions.push("retry");
  }
  if (health.state === "disabled") {
    actions.push("enable");
  }
  actions.push(settings.paused ? "resume" : "pause");
  return actions;
}

/** Actions for several endpoints at once. A reset of damaged attributes asks for each. */
export const BULK_ACTIONS: Action[] = ["retry", "enable", "resume", "pause"];

/** Returns the endpoints that allow the action. */
export const allowing = (endpoints: Endpoint[], action: Action) =>
  endpoints.filter((endpoint) => actionsOf(endpoint).includes(action));
