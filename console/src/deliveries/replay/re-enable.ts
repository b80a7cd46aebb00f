import { api } from "../../api/client";

/** Re-enables a disabled endpoint, so that its deliveries can be replayed. */
export async function reEnable(workspace: string, endpointID: string): Promise<void> {
  const { error } = await api.POST("/v1/workspaces/{workspace}/endpoints/{endpointID}/resume", {
    params: { path: { workspace, endpointID } },
  });
  if (error) {
    throw error;
  }
}
