import { focusManager, keepPreviousData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { POLL_INTERVAL_MS, query, type Schemas } from "../api/client";
import { useLastError } from "../components/use-last-error";
import { useWorkspace } from "../workspace";
import { type Range, sinceOf } from "./ranges";

export type Statistics = Schemas["Statistics"];

/**
 * Additional polling interval per counted delivery, in milliseconds. Each query reads the log: 20,000 deliveries are
 * 1,600 read units, which cost $0.24 an hour every 3 seconds, and $0.01 every minute.
 */
const POLL_MS_PER_DELIVERY = 3;

/** Queries the statistics of a range that ends now, of all endpoints or of one. Shows the previous data or error while loading. */
export function useStatistics(range: Range, endpointID?: string) {
  const { workspace } = useWorkspace();
  const since = useSince(range);
  const { data, isPending, error, errorUpdateCount, refetch } = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/statistics",
    { params: { path: { workspace }, query: { since, ...(endpointID && { endpointID }) } } },
    {
      refetchInterval: ({ state }) =>
        Math.max(range.pollMs ?? POLL_INTERVAL_MS, (state.data?.counted ?? 0) * POLL_MS_PER_DELIVERY),
      placeholderData: keepPreviousData,
    },
  );
  const subject = `${workspace} ${range.id} ${endpointID}`;
  return { data, refetch, error: useLastError({ error, isPending, errorUpdateCount }, subject) };
}

/** Returns the start of the range, updated over time. A hidden tab keeps it: a new one is a new query. */
function useSince(range: Range): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const update = () => focusManager.isFocused() && setNow(Date.now());
    const timer = setInterval(update, range.pollMs ?? POLL_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [range]);
  return sinceOf(range, now);
}
