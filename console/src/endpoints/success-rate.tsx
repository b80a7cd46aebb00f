import Box from "@cloudscape-design/components/box";
import { rangeOf } from "../overview/ranges";
import { successRate, waitingOf } from "../overview/series";
import { useStatistics } from "../overview/use-statistics";
import type { Endpoint } from "./condition";

const DAY = rangeOf("24h");

/** Shows the share of an endpoint's deliveries of the last 24 hours that were delivered. */
export function SuccessRate({ endpoint }: { endpoint: Endpoint }) {
  const { data } = useStatistics(DAY, endpoint.endpointID);
  const text = data ? successRate({ ...data, waiting: waitingOf(data, [endpoint]) }) : "–";
  return text === "–" ? <Box color="text-status-inactive">–</Box> : text;
}
