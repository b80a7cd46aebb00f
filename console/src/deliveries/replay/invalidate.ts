import { queryClient } from "../../api/client";

/** What a replay changes is read again at once. */
export function invalidateDeliveries() {
  return Promise.all(
    [
      "/v1/workspaces/{workspace}/deliveries",
      "/v1/workspaces/{workspace}/deliveries/{deliveryID}",
      "/v1/workspaces/{workspace}/endpoints",
    ].map((path) => queryClient.invalidateQueries({ queryKey: ["get", path] })),
  );
}
