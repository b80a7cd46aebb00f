import { useInfiniteQuery } from "@tanstack/react-query";
import { api, type Schemas } from "../api/client";

export type Workspace = Schemas["Workspace"];

/** Polling interval in milliseconds: a page of workspaces costs some hundred reads. */
const FLEET_POLL_INTERVAL_MS = 15_000;

export interface FleetFilter {
  needsAttention: boolean;
  /** Beginning of the workspaces' ids. */
  prefix: string;
}

/** Reads all workspaces that the filter matches, page by page. The first page is polled. */
export function useFleet({ needsAttention, prefix }: FleetFilter) {
  return useInfiniteQuery({
    queryKey: ["fleet", needsAttention, prefix],
    queryFn: async ({ pageParam, signal }) => {
      const query = { needsAttention, ...(prefix && { prefix }), ...(pageParam && { cursor: pageParam }) };
      const { data, error } = await api.GET("/v1/workspaces", { params: { query }, signal });
      if (!data) {
        throw error;
      }
      return data;
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    // Polling stops once further pages are loaded, so that rows do not move.
    refetchInterval: ({ state }) =>
      state.data && state.data.pages.length > 1 ? false : FLEET_POLL_INTERVAL_MS,
  });
}
