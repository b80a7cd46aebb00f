import { useMemo } from "react";
import { useEndpoints } from "../endpoints/use-endpoints";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Delivery } from "./log";
import { urlLabel } from "./unrouted";

/**
 * Returns the URL, or the label in its place, by endpoint ID: of the configured endpoints, and of these deliveries,
 * whose endpoints may no longer be configured.
 */
export function useUrls(deliveries: Delivery[]): Map<string, string> {
  const { workspace } = useWorkspace();
  const enabled = may(useSession(), workspace, "callbacks:read");
  const endpoints = useEndpoints({ enabled, live: false }).data?.endpoints ?? [];
  const known = JSON.stringify([...deliveries, ...endpoints].map((it) => [it.endpointID, urlLabel(it)]));
  // Keyed by content: each refetch creates new objects for the same endpoints.
  return useMemo(() => new Map(JSON.parse(known)), [known]);
}
