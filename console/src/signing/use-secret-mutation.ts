import { useQueryClient } from "@tanstack/react-query";
import { query, type Schemas } from "../api/client";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";

/** What every call about the workspace's secret names. */
export function useSecretPath() {
  const { workspace } = useWorkspace();
  return { params: { path: { workspace } } };
}

/** Shows the answer to a change everywhere, and says at the top what was done. */
export function useSecretChanged(onClose: () => void) {
  const client = useQueryClient();
  const path = useSecretPath();
  const { notify } = useNotices();
  return (secrets: Schemas["SecretBody"], content: string) => {
    const { queryKey } = query.queryOptions("get", "/v1/workspaces/{workspace}/signing-secret", path);
    client.setQueryData(queryKey, secrets);
    notify({ id: "signing-secret", type: "success", content });
    onClose();
  };
}
