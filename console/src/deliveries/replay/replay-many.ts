import { api } from "../../api/client";
import type { Delivery } from "../log";

/** Number of concurrent calls. */
const CONCURRENCY = 4;

/** Result of one replay, with the error if it failed. */
export type Result = "replayed" | { error: unknown };

/**
 * Replays deliveries concurrently. Deliveries of the same instance and endpoint are replayed in order, the oldest
 * first.
 */
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
    // The request got no response.
    return { error };
  }
}
