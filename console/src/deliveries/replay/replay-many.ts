/** Replays chosen deliveries, one by one. */
import { api } from "../../api/client";
import type { Delivery } from "../log";

/** Calls at the same time. */
const LANES = 4;

/** What came of one: an error is why it was not replayed. */
export type Result = "replayed" | { error: unknown };

/** Those of one instance and endpoint go one after the other, the oldest first; `newestFirst` is how the log has them. */
export async function replayEach(
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
  const waiting = [...queues.values()];
  const lane = async () => {
    for (let queue = waiting.shift(); queue; queue = waiting.shift()) {
      for (const { deliveryID } of queue) {
        if (signal.aborted) {
          return;
        }
        onResult(deliveryID, await replay(workspace, deliveryID));
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
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
