import { useState } from "react";
import { POLL_INTERVAL_MS, type Schemas } from "../api/client";
import { useWorkspace } from "../workspace";
import type { ActionClick } from "./arrival-times";
import { withWritten } from "./instances";
import { type Instance, localQuery } from "./local-api";

/** Returns the instances, and the function that writes one. */
export function useInstances(onAction: (act: ActionClick) => void) {
  const { workspace } = useWorkspace();
  const listed = localQuery.useQuery("get", "/local/instances", {}, { refetchInterval: POLL_INTERVAL_MS });
  const put = localQuery.useMutation("put", "/local/instances/{instanceID}");
  const remove = localQuery.useMutation("delete", "/local/instances/{instanceID}");
  const [written, setWritten] = useState<Instance[]>([]);

  const write = (eventType: Schemas["EventType"], instanceID: string, processName: string) => {
    put.reset();
    remove.reset();
    const click = { at: Date.now(), eventType, instanceID };
    const params = { path: { instanceID } };
    const onSettled = () => listed.refetch();
    const others = (all: Instance[]) => all.filter((instance) => instance.instanceID !== instanceID);
    if (eventType === "deleted") {
      const onSuccess = () => {
        onAction(click);
        setWritten(others);
      };
      remove.mutate({ params }, { onSettled, onSuccess });
    } else {
      const instance = { processName, workspaceID: workspace };
      const onSuccess = () => {
        onAction(click);
        setWritten((all) => [...others(all), { instanceID, ...instance }]);
      };
      // An instance that is not listed, perhaps another workspace's, is not taken over.
      const header = eventType === "created" ? ({ "If-None-Match": "*" } as const) : undefined;
      put.mutate({ params: { ...params, header }, body: instance }, { onSettled, onSuccess });
    }
  };
  return {
    listed,
    /** Those that are listed, and those that were written since. */
    all: withWritten(listed.data?.instances ?? [], written),
    write,
    isPending: put.isPending || remove.isPending,
    failed: put.error ?? remove.error,
  };
}
