import { useMemo } from "react";
import { useFromEndpoints } from "../endpoints/use-endpoints";
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
  const configured = useFromEndpoints(labels, { enabled, live: false }) ?? [];
  const urls = new Map([...labels(deliveries), ...configured]);
  // Keyed by content: each refetch creates new objects for the same endpoints.
  const known = JSON.stringify([...urls].sort());
  return useMemo(() => new Map(JSON.parse(known)), [known]);
}

const labels = (them: { endpointID: string; url: string }[]) =>
  them.map((it): [string, string] => [it.endpointID, urlLabel(it)]);
