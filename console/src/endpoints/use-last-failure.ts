import { useQueries } from "@tanstack/react-query";
import { query } from "../api/client";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { candidates, isNewest, newestAttempt } from "./newest-attempt";

/** Polling interval. The last failure changes with each probe, which are seconds to hours apart. */
const FAILURE_POLL_MS = 10_000;

/** Number of deliveries searched. As many may have been in flight when the endpoint began to fail. */
const SEARCHED_DELIVERIES = 50;

const DELIVERY = "/v1/workspaces/{workspace}/deliveries/{deliveryID}";

/**
 * Returns the newest failed attempt at a failing or disabled endpoint, with its delivery. The endpoint names the
 * delivery of the last probe. Before the first one, the newest deliveries are searched.
 */
export function useNewestFailure(endpoint: Endpoint) {
  const { endpointID, health, lastFailedDeliveryID } = endpoint;
  const { workspace } = useWorkspace();
  const failing = health.state === "failing" || health.state === "disabled";
  const mayRead = may(useSession(), workspace, "deliveries:read") && failing;
  const named = query.useQuery(
    "get",
    DELIVERY,
    { params: { path: { workspace, deliveryID: lastFailedDeliveryID ?? "" } } },
    { enabled: mayRead && lastFailedDeliveryID !== null, refetchInterval: FAILURE_POLL_MS },
  );
  const isKnown = isNewest(endpoint, named.data);
  const searched = mayRead && !isKnown && !named.isLoading;
  const { data: found } = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries",
    { params: { path: { workspace }, query: { endpointID: [endpointID], limit: SEARCHED_DELIVERIES } } },
    { enabled: searched, refetchInterval: FAILURE_POLL_MS },
  );
  const deliveries = searched ? candidates(found?.deliveries ?? []) : [];
  const details = useQueries({
    queries: deliveries.map(({ deliveryID }) => ({
      ...query.queryOptions("get", DELIVERY, { params: { path: { workspace, deliveryID } } }),
      refetchInterval: FAILURE_POLL_MS,
    })),
  });
  const known = [named.data, ...details.map(({ data }) => data)];
  return newestAttempt(known.flatMap((delivery) => (delivery ? [delivery] : [])));
}
