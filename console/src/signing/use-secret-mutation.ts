import { useQueryClient } from "@tanstack/react-query";
import { query, type Schemas } from "../api/client";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";

/** Returns the path parameters of calls about the signing secret. */
export function useSecretPath() {
  const { workspace } = useWorkspace();
  return { params: { path: { workspace } } };
}

/** Returns a function that caches changed secrets, shows a notice and closes the dialog. */
export function useSecretChanged(onClose: () => void) {
  const client = useQueryClient();
  const path = useSecretPath();
  const { notify } = useNotices();
  return (secrets: Schemas["SigningSecret"], content: string) => {
    const { queryKey } = query.queryOptions("get", "/v1/workspaces/{workspace}/signing-secret", path);
    client.setQueryData(queryKey, secrets);
    notify({ id: "signing-secret", type: "success", content });
    onClose();
  };
}
