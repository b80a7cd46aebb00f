import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { LIVE, query } from "../api/client";
import { wordsOf } from "../api/problem";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { resumedWords } from "./labels";

const ALL = "/v1/workspaces/{workspace}/endpoints";
const ONE = "/v1/workspaces/{workspace}/endpoints/{endpointID}";

export function useEndpoints({ enabled = true } = {}) {
  const { workspace } = useWorkspace();
  return query.useQuery("get", ALL, { params: { path: { workspace } } }, { refetchInterval: LIVE, enabled });
}

export function useEndpoint(endpointID: string) {
  const { workspace } = useWorkspace();
  return query.useQuery(
    "get",
    ONE,
    { params: { path: { workspace, endpointID } } },
    { refetchInterval: LIVE },
  );
}

/** Shows the endpoint as a change has left it, and reads again what else the change concerns. */
function useShow() {
  const client = useQueryClient();
  const { workspace } = useWorkspace();
  return useCallback(
    (endpoint: Endpoint) => {
      const params = { path: { workspace, endpointID: endpoint.endpointID } };
      client.setQueryData(query.queryOptions("get", ONE, { params }).queryKey, endpoint);
      client.invalidateQueries({ queryKey: ["get", ALL] });
      client.invalidateQueries({ queryKey: ["get", "/v1/workspaces/{workspace}/deliveries"] });
    },
    [client, workspace],
  );
}

/** Tries a failing, disabled or damaged endpoint now. */
export function useResume(endpoint: Endpoint) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const show = useShow();
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
          notify({ id, type: "info", content: resumedWords(endpoint, now) });
        },
        onError: (error) => {
          const { title, detail } = wordsOf(error);
          notify({ id, type: "error", header: title, content: detail });
        },
      },
    );
  return { resume, isPending };
}

/** Changes some of an endpoint's settings. */
export function useChange(endpoint: Endpoint) {
  const { workspace } = useWorkspace();
  const show = useShow();
  const { mutate, isPending, error, reset } = query.useMutation("patch", ONE, { onSuccess: show });
  const change = (body: Parameters<typeof mutate>[0]["body"], onSuccess?: () => void) =>
    mutate({ params: { path: { workspace, endpointID: endpoint.endpointID } }, body }, { onSuccess });
  return { change, isPending, error, reset };
}
