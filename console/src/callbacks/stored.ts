import { query } from "../api/client";

const PATH = "/v1/workspaces/{workspace}/callbacks";

/** What is set in a workspace. */
export function useStoredCallbacks(workspace: string, options: { refetchInterval?: number } = {}) {
  return query.useQuery("get", PATH, { params: { path: { workspace } } }, options);
}

/** The same for `queryClient`, which is told what was saved. */
export const storedCallbacksKey = (workspace: string) =>
  query.queryOptions("get", PATH, { params: { path: { workspace } } }).queryKey;
