import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { Workspace } from "./use-fleet";

interface Label {
  text: string;
  type: StatusIndicatorProps.Type;
}

/** Returns the numbers of a workspace's endpoints by health, the worst first. */
export function healthLabels({ readable, endpoints }: Workspace): Label[] {
  if (!readable) {
    return [{ text: "Callbacks damaged", type: "error" }];
  }
  const { damaged, disabled, failing, slow, healthy, paused, total } = endpoints;
  if (total === 0) {
    return [{ text: "No URLs", type: "stopped" }];
  }
  const counted: [number, string, StatusIndicatorProps.Type][] = [
    [damaged, "damaged", "error"],
    [disabled, "disabled", "error"],
    [failing, "failing", "error"],
    [paused, "paused", "stopped"],
    [slow, "slow", "info"],
    [healthy, "healthy", "success"],
  ];
  return counted
    .filter(([count]) => count > 0)
    .map(([count, health, type]) => ({ text: `${count} ${health}`, type }));
}
