import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { LIVE, query, type Schemas } from "../api/client";
import { useWorkspace } from "../workspace";
import { type Range, sinceOf } from "./ranges";

export type Statistics = Schemas["StatisticsBody"];

/** The figures of a range that ends now. What was read before stays until there is something newer. */
export function useStatistics(range: Range) {
  const { workspace } = useWorkspace();
  const since = useSince(range);
  return query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/statistics",
    { params: { path: { workspace }, query: { since } } },
    { refetchInterval: range.every ?? LIVE, placeholderData: keepPreviousData },
  );
}

/** Moves on by itself as time goes by. */
function useSince(range: Range): string {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), range.every ?? LIVE);
    return () => clearInterval(timer);
  }, [range]);
  return sinceOf(range, now);
}
