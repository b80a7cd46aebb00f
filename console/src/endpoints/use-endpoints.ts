import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { POLL_INTERVAL_MS, query } from "../api/client";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";

const LIST = "/v1/workspaces/{workspace}/endpoints";
const ITEM = "/v1/workspaces/{workspace}/endpoints/{endpointID}";

export function useEndpoints({ enabled = true, live = true } = {}) {
  const { workspace } = useWorkspace();
  const refetchInterval = live && POLL_INTERVAL_MS;
  return query.useQuery("get", LIST, { params: { path: { workspace } } }, { refetchInterval, enabled });
}

/**
 * Returns what `select` takes from the endpoints, if they are loaded. It is the same object until it changes, and only
 * then the caller renders.
 */
export function useFromEndpoints<T>(
  select: (endpoints: Endpoint[]) => T,
  { enabled = true, live = true } = {},
): T | undefined {
  const { workspace } = useWorkspace();
  const refetchInterval = live && POLL_INTERVAL_MS;
  const options = {
    refetchInterval,
    enabled,
    select: (data: { endpoints: Endpoint[] }) => select(data.endpoints),
  };
  return query.useQuery("get", LIST, { params: { path: { workspace } } }, options).data;
}

export function useEndpoint(endpointID: string) {
  const { workspace } = useWorkspace();
  return query.useQuery(
    "get",
    ITEM,
    { params: { path: { workspace, endpointID } } },
    { refetchInterval: POLL_INTERVAL_MS },
  );
}

/** Returns a function that caches a changed endpoint and refetches the queries it affects. */
function useCacheUpdate() {
  const client = useQueryClient();
  const { workspace } = useWorkspace();
  return useCallback(
    (endpoint: Endpoint) => {
      const params = { path: { workspace, endpointID: endpoint.endpointID } };
      client.setQueryData(query.queryOptions("get", ITEM, { params }).queryKey, endpoint);
      client.invalidateQueries({ queryKey: ["get", LIST] });
      client.invalidateQueries({ queryKey: ["get", "/v1/workspaces/{workspace}/deliveries"] });
      client.invalidateQueries({ queryKey: ["get", "/v1/workspaces/{workspace}/audit"] });
    },
    [client, workspace],
  );
}

/** Changes settings of an endpoint. */
export function useSettingsChange(endpoint: Endpoint) {
  const { workspace } = useWorkspace();
  const show = useCacheUpdate();
  const { mutate, isPending, error, reset } = query.useMutation("patch", ITEM, { onSuccess: show });
  const change = (body: Parameters<typeof mutate>[0]["body"], onSuccess?: () => void) =>
    mutate({ params: { path: { workspace, endpointID: endpoint.endpointID } }, body }, { onSuccess });
  return { change, isPending, error, reset };
}
