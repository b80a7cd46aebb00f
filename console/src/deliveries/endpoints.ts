import { POLL_INTERVAL_MS, query } from "../api/client";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";

/** The workspace's endpoints, for who may see them. */
export function useEndpoints({ live = false } = {}) {
  const { workspace } = useWorkspace();
  const allowed = may(useSession(), workspace, "callbacks:read");
  const answer = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/endpoints",
    { params: { path: { workspace } } },
    { enabled: allowed, refetchInterval: live && POLL_INTERVAL_MS },
  );
  return answer.data?.endpoints ?? [];
}
