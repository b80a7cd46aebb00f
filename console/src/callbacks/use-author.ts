import { query } from "../api/client";

/** Author and time of a change. */
export interface Author {
  name: string;
  at: string;
}

/** Returns who changed the callbacks last, according to the audit; `undefined` while or if that is unknown. */
export function useAuthor(workspace: string): Author | undefined {
  const { data } = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/audit",
    { params: { path: { workspace }, query: { limit: 20 } } },
    { retry: false, staleTime: 0 },
  );
  const entry = data?.entries.find(
    ({ action }) => action === "callbacks.set" || action === "callbacks.reset",
  );
  return entry && { name: entry.caller.name ?? entry.caller.id, at: entry.at };
}
