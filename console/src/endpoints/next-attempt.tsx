import Box from "@cloudscape-design/components/box";
import { NextTime, Time } from "../components/time";
import { conditionOf, type Endpoint } from "./condition";

/** Shows the time of the next attempt, or the event that triggers it. */
export function NextAttempt({ endpoint }: { endpoint: Endpoint }) {
  const { health, nextDeferredAt, settings } = endpoint;
  switch (conditionOf(endpoint)) {
    case "failing":
      return health.state === "failing" && <Due at={health.probeAt} waiting={endpoint.backlog.pending} />;
    case "damaged":
      return "When it is reset";
    case "disabled":
      return "When it is re-enabled";
    case "paused":
      return settings.pausedUntil ? <Time at={settings.pausedUntil} /> : "When it is resumed";
    case "rejecting":
      return nextDeferredAt && <Due at={nextDeferredAt} waiting={1} />;
    default:
      return <Box color="text-status-inactive">–</Box>;
  }
}

/** Shows a due time. A past time means now, or the next event if nothing is pending. */
function Due({ at, waiting }: { at: string; waiting: number }) {
  return <NextTime at={at} past={waiting > 0 ? "Now" : "With the next event"} />;
}
