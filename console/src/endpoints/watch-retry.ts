import { api } from "../api/client";
import { reasonLabel } from "../labels/reasons";
import type { Endpoint } from "./condition";
import { compare, type RetryOutcome } from "./retry-outcome";

const POLL_MS = 1_000;

/** Maximum wait: the wake-up, the time limit of an attempt, and the writes. */
const MAX_WAIT_MS = 40_000;

/** Waits for the result of the probe of a failing endpoint. `resumed` is the endpoint as the API returned it. */
export async function retryOutcome(workspace: string, resumed: Endpoint): Promise<RetryOutcome> {
  const end = Date.now() + MAX_WAIT_MS;
  while (Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const params = { path: { workspace, endpointID: resumed.endpointID } };
    const { data } = await api
      .GET("/v1/workspaces/{workspace}/endpoints/{endpointID}", { params })
      // The next poll tries again.
      .catch(() => ({ data: undefined }));
    const outcome = data && compare(resumed, data);
    if (data && outcome === "failing") {
      return { kind: outcome, reason: await failureOf(workspace, data.lastFailedDeliveryID) };
    }
    if (outcome && outcome !== "failing") {
      return { kind: outcome };
    }
  }
  return { kind: "unknown" };
}

/** Returns the reason of the last failed probe, such as `answered 503 Service Unavailable`. */
async function failureOf(workspace: string, deliveryID: string | null): Promise<string | undefined> {
  if (deliveryID === null) {
    return undefined;
  }
  const params = { path: { workspace, deliveryID } };
  const { data } = await api.GET("/v1/workspaces/{workspace}/deliveries/{deliveryID}", { params });
  const attempt = data?.attempts.at(-1);
  return attempt?.detail ?? (attempt?.reason ? reasonLabel(attempt.reason).title : undefined);
}
