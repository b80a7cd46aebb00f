import { api, type Schemas } from "../api/client";
import { reasonLabel } from "../labels/reasons";
import type { Endpoint } from "./condition";
import { backlogLabel } from "./labels";
import { candidates, newestAttempt } from "./newest-attempt";
import { searchedUntil } from "./use-last-failure";

/** Result of a probe. `unknown` if it did not end in time. */
export type RetryOutcome =
  | { kind: "recovered" | "disabled" | "unknown" }
  | { kind: "failing"; reason: string | undefined };

const POLL_MS = 1_000;

/** Maximum wait: the wake-up, the time limit of an attempt, and the writes. */
const MAX_WAIT_MS = 40_000;

const SEARCHED_DELIVERIES = 50;

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
      return { kind: outcome, reason: await failureOf(workspace, data) };
    }
    if (outcome && outcome !== "failing") {
      return { kind: outcome };
    }
  }
  return { kind: "unknown" };
}

/** Returns the result of the probe, if it is known. Pure. */
export function compare(resumed: Endpoint, now: Endpoint): "recovered" | "disabled" | "failing" | undefined {
  if (now.health.state === "disabled") {
    return "disabled";
  }
  if (now.health.state !== "failing") {
    return "recovered";
  }
  return now.lastFailureAt === resumed.lastFailureAt ? undefined : "failing";
}

/** Returns the reason of the newest failed attempt, such as `answered 503 Service Unavailable`. */
async function failureOf(workspace: string, { endpointID, health }: Endpoint): Promise<string | undefined> {
  const query = { endpointID, until: searchedUntil(health), limit: SEARCHED_DELIVERIES };
  const { data } = await api.GET("/v1/workspaces/{workspace}/deliveries", {
    params: { path: { workspace }, query },
  });
  const details = await Promise.all(
    candidates(data?.deliveries ?? []).map(async ({ deliveryID }) => {
      const params = { path: { workspace, deliveryID } };
      return (await api.GET("/v1/workspaces/{workspace}/deliveries/{deliveryID}", { params })).data;
    }),
  );
  const attempt = newestAttempt(details.flatMap((detail) => (detail ? [detail] : [])))?.attempt;
  return attempt && (attempt.detail ?? (attempt.reason && reasonLabel(attempt.reason).title)) || undefined;
}

/** Formats the result of a retry. `backlog` is the one before the retry. */
export function outcomeText(outcome: RetryOutcome, backlog: Schemas["Backlog"]): string {
  switch (outcome.kind) {
    case "recovered": {
      const one = backlog.pending === 1 && !backlog.capped;
      return `Recovered, ${backlogLabel(backlog)} ${one ? "delivery" : "deliveries"} on ${one ? "its" : "their"} way`;
    }
    case "failing":
      return outcome.reason ? `Still failing: ${outcome.reason}` : "Still failing";
    case "disabled":
      return "The endpoint is disabled now";
    case "unknown":
      return "No result yet. The endpoint's page shows it once it is known.";
  }
}
