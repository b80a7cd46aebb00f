import { useQueryClient } from "@tanstack/react-query";
import { query, type Schemas } from "../api/client";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";

/** Path of an endpoint's secret. */
export const ENDPOINT_SECRET = "/v1/workspaces/{workspace}/endpoints/{endpointID}/signing-secret";

export const ROTATE_SECRET = "/v1/workspaces/{workspace}/endpoints/{endpointID}/signing-secret/rotate";

/** Path of the key from which the secrets of all endpoints are derived. */
export const KEY = "/v1/workspaces/{workspace}/signing-secret";

export const ROTATE_KEY = "/v1/workspaces/{workspace}/signing-secret/rotate";

/** Returns the path parameters of calls about an endpoint's secret. */
export function useSecretPath(endpointID: string) {
  const { workspace } = useWorkspace();
  return { params: { path: { workspace, endpointID } } };
}

/** Returns the path parameters of calls about the workspace's key. */
export function useKeyPath() {
  const { workspace } = useWorkspace();
  return { params: { path: { workspace } } };
}

/** Returns a function that caches a changed secret, shows a notice and closes the dialog. */
export function useSecretChanged(endpointID: string, onClose: () => void) {
  const client = useQueryClient();
  const path = useSecretPath(endpointID);
  const { notify } = useNotices();
  return (secrets: Schemas["SigningSecret"], content: string) => {
    client.setQueryData(query.queryOptions("get", ENDPOINT_SECRET, path).queryKey, secrets);
    notify({ id: "signing-secret", type: "success", content });
    onClose();
  };
}

/** Returns a function that caches a changed key, shows a notice and closes the dialog. */
export function useKeyChanged(onClose: () => void) {
  const client = useQueryClient();
  const path = useKeyPath();
  const { notify } = useNotices();
  return (key: Schemas["SigningKey"], content: string) => {
    client.setQueryData(query.queryOptions("get", KEY, path).queryKey, key);
    notify({ id: "signing-secret", type: "success", content });
    onClose();
  };
}
