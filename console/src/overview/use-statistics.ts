import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { POLL_INTERVAL_MS, query, type Schemas } from "../api/client";
import { useWorkspace } from "../workspace";
import { type Range, sinceOf } from "./ranges";

export type Statistics = Schemas["StatisticsBody"];

/**
 * How much later the figures are read again for each delivery that they count, in milliseconds. Each reading reads the log:
 * 20,000 deliveries are 1,600 read units, which every 3 seconds would be $0.24 an hour, and every minute is $0.01.
 */
const POLL_MS_PER_DELIVERY = 3;

/** The figures of a range that ends now. What was read before stays until there is something newer. */
export function useStatistics(range: Range) {
  const { workspace } = useWorkspace();
  const since = useSince(range);
  return query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/statistics",
    { params: { path: { workspace }, query: { since } } },
    {
      refetchInterval: ({ state }) =>
        Math.max(range.pollMs ?? POLL_INTERVAL_MS, (state.data?.counted ?? 0) * POLL_MS_PER_DELIVERY),
      placeholderData: keepPreviousData,
    },
  );
}

/** Moves on by itself as time goes by. */
function useSince(range: Range): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), range.pollMs ?? POLL_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [range]);
  return sinceOf(range, now);
}
