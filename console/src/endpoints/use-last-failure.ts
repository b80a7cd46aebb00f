import { useQueries } from "@tanstack/react-query";
import { query } from "../api/client";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { candidates, newestAttempt } from "./newest-attempt";

/** Polling interval. The last failure changes with each probe, which are seconds to hours apart. */
const FAILURE_POLL_MS = 10_000;

/** Number of deliveries searched. As many may have been in flight when the endpoint began to fail. */
const SEARCHED_DELIVERIES = 50;

/**
 * Returns the deliveries of the last failed attempts at a failing or disabled endpoint, the most attempted first. Probes
 * use the oldest pending delivery, so the search covers changes before the failure began.
 */
export function useLastFailures({ endpointID, health }: Endpoint) {
  const { workspace } = useWorkspace();
  const mayRead = may(useSession(), workspace, "deliveries:read");
  const until = searchedUntil(health);
  const { data } = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries",
    { params: { path: { workspace }, query: { endpointID, until, limit: SEARCHED_DELIVERIES } } },
    { enabled: mayRead && until !== undefined, refetchInterval: FAILURE_POLL_MS },
  );
  return candidates(data?.deliveries ?? []);
}

/** Returns the end of the time in which the probed delivery changed. It is exclusive. */
export function searchedUntil(health: Endpoint["health"]): string | undefined {
  const since =
    health.state === "failing"
      ? health.failingSince
      : health.state === "disabled"
        ? health.disabledSince
        : undefined;
  return since && new Date(Date.parse(since) + 1_000).toISOString();
}

/** Returns the newest failed attempt at a failing or disabled endpoint, with its delivery. */
export function useNewestFailure(endpoint: Endpoint) {
  const { workspace } = useWorkspace();
  const deliveries = useLastFailures(endpoint);
  const details = useQueries({
    queries: deliveries.map(({ deliveryID }) => ({
      ...query.queryOptions("get", "/v1/workspaces/{workspace}/deliveries/{deliveryID}", {
        params: { path: { workspace, deliveryID } },
      }),
      refetchInterval: FAILURE_POLL_MS,
    })),
  });
  return newestAttempt(details.flatMap(({ data }) => (data ? [data] : [])));
}
