import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { conditionOf, type Endpoint } from "./condition";
import { conditionLabel } from "./labels";

/** Shows the condition of an endpoint, and whether it is also paused. */
export function ConditionIndicator({ endpoint }: { endpoint: Endpoint }) {
  const condition = conditionOf(endpoint);
  const { text, type } = conditionLabel(condition);
  const paused = endpoint.settings.paused && condition !== "paused";
  return <StatusIndicator type={type}>{paused ? `${text}, paused` : text}</StatusIndicator>;
}
