/** Replays chosen deliveries, one by one. */
import { api } from "../../api/client";
import type { Delivery } from "../log";

/** Calls at the same time. */
const CONCURRENCY = 4;

/** What came of one: an error is why it was not replayed. */
export type Result = "replayed" | { error: unknown };

/** Those of one instance and endpoint go one after the other, the oldest first; `newestFirst` is how the log has them. */
export async function replayMany(
  workspace: string,
  newestFirst: Delivery[],
  onResult: (deliveryID: string, result: Result) => void,
  signal: AbortSignal,
): Promise<void> {
  const queues = new Map<string, Delivery[]>();
  for (const delivery of [...newestFirst].reverse()) {
    const key = `${delivery.endpointID} ${delivery.instanceID}`;
    queues.set(key, [...(queues.get(key) ?? []), delivery]);
  }
  const remaining = [...queues.values()];
  const worker = async () => {
    for (let queue = remaining.shift(); queue; queue = remaining.shift()) {
      for (const { deliveryID } of queue) {
        if (signal.aborted) {
          return;
        }
        onResult(deliveryID, await replay(workspace, deliveryID));
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function replay(workspace: string, deliveryID: string): Promise<Result> {
  try {
    const { error } = await api.POST("/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", {
      params: { path: { workspace, deliveryID } },
    });
    return error ? { error } : "replayed";
  } catch (error) {
    // No answer came.
    return { error };
  }
}
