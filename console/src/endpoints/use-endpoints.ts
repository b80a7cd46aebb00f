import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { POLL_INTERVAL_MS, query } from "../api/client";
import { errorMessage } from "../api/problem";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { resumedMessage } from "./labels";

const LIST = "/v1/workspaces/{workspace}/endpoints";
const ITEM = "/v1/workspaces/{workspace}/endpoints/{endpointID}";

export function useEndpoints({ enabled = true, live = true } = {}) {
  const { workspace } = useWorkspace();
  const refetchInterval = live && POLL_INTERVAL_MS;
  return query.useQuery("get", LIST, { params: { path: { workspace } } }, { refetchInterval, enabled });
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
    },
    [client, workspace],
  );
}

/** Resumes a failing, disabled or damaged endpoint. */
export function useResume(endpoint: Endpoint) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const show = useCacheUpdate();
  const { mutate, isPending } = query.useMutation(
    "post",
    "/v1/workspaces/{workspace}/endpoints/{endpointID}/resume",
  );
  const id = `resume:${endpoint.endpointID}`;
  const resume = () =>
    mutate(
      { params: { path: { workspace, endpointID: endpoint.endpointID } } },
      {
        onSuccess: (now) => {
          show(now);
          notify({ id, type: "info", content: resumedMessage(endpoint, now) });
        },
        onError: (error) => {
          const { title, detail } = errorMessage(error);
          notify({ id, type: "error", header: title, content: detail });
        },
      },
    );
  return { resume, isPending };
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
