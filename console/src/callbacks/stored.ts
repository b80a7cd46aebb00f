import { query } from "../api/client";

const PATH = "/v1/workspaces/{workspace}/callbacks";

/** Queries the callbacks of a workspace. */
export function useStoredCallbacks(workspace: string, options: { refetchInterval?: number } = {}) {
  return query.useQuery("get", PATH, { params: { path: { workspace } } }, options);
}

/** Returns the query's cache key, for updates after saving. */
export const storedCallbacksKey = (workspace: string) =>
  query.queryOptions("get", PATH, { params: { path: { workspace } } }).queryKey;
