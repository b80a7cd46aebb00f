import { useInfiniteQuery } from "@tanstack/react-query";
import { api, POLL_INTERVAL_MS } from "../api/client";
import type { operations } from "../api/schema";
import { apiFilter, type Filter, writeFilter } from "./filter";

type AuditQuery = NonNullable<operations["list_audit"]["parameters"]["query"]>;

/** Reads one page of the audit. */
export async function fetchPage(workspace: string, query: AuditQuery, signal?: AbortSignal) {
  const params = { path: { workspace }, query };
  const { data, error } = await api.GET("/v1/workspaces/{workspace}/audit", { params, signal });
  if (!data) {
    throw error;
  }
  return data;
}

/** Reads the entries that the filter matches, page by page. The first page is polled. */
export function useAudit(workspace: string, filter: Filter) {
  return useInfiniteQuery({
    queryKey: ["audit", workspace, writeFilter(filter)],
    queryFn: ({ pageParam, signal }) =>
      fetchPage(workspace, { ...apiFilter(filter), ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    // Polling stops once older pages are loaded, so that rows do not move.
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : POLL_INTERVAL_MS),
  });
}
