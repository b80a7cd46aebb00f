import { query } from "../api/client";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";

/** Polling interval. The last failure changes with each probe, which are seconds to hours apart. */
const FAILURE_POLL_MS = 10_000;

/** Number of deliveries searched. As many may have been in flight when the endpoint began to fail. */
const SEARCHED_DELIVERIES = 50;

/**
 * Returns the delivery of the last failed attempt at a failing or disabled endpoint. Probes use the oldest pending
 * delivery, so the search covers changes before the failure began.
 */
export function useLastFailure({ endpointID, health }: Endpoint) {
  const { workspace } = useWorkspace();
  const mayRead = may(useSession(), workspace, "deliveries:read");
  const since =
    health.state === "failing"
      ? health.failingSince
      : health.state === "disabled"
        ? health.disabledSince
        : undefined;
  // `until` is exclusive.
  const until = since && new Date(Date.parse(since) + 1_000).toISOString();
  const { data } = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries",
    {
      params: { path: { workspace }, query: { endpointID: [endpointID], until, limit: SEARCHED_DELIVERIES } },
    },
    { enabled: mayRead && until !== undefined, refetchInterval: FAILURE_POLL_MS },
  );
  return data?.deliveries.find(({ status, lastReason }) => status !== "delivered" && lastReason !== null);
}

/** Returns the last attempt of a delivery. */
export function useLastAttempt(deliveryID: string | undefined) {
  const { workspace } = useWorkspace();
  const { data } = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries/{deliveryID}",
    { params: { path: { workspace, deliveryID: deliveryID ?? "" } } },
    { enabled: deliveryID !== undefined, refetchInterval: FAILURE_POLL_MS },
  );
  return data?.attempts.at(-1);
}
