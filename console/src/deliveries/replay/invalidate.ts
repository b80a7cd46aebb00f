import { queryClient } from "../../api/client";

/** Refetches the queries that a replay affects. */
export function invalidateDeliveries() {
  return Promise.all(
    [
      "/v1/workspaces/{workspace}/deliveries",
      "/v1/workspaces/{workspace}/deliveries/{deliveryID}",
      "/v1/workspaces/{workspace}/endpoints",
    ].map((path) => queryClient.invalidateQueries({ queryKey: ["get", path] })),
  );
}
