import { useMemo } from "react";
import { useNavigate } from "react-router";
import type { Schemas } from "../api/client";
import { useFromEndpoints } from "../endpoints/use-endpoints";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { columnDefinitions } from "./columns";
import type { Delivery } from "./log";
import { type Obstacle, obstacleOf } from "./state";

const NONE: Record<string, Obstacle> = {};

/** Returns the columns of the log, and the function that opens a row's delivery. */
export function useColumns(hrefOf: (deliveryID: string) => string, openID: string | undefined) {
  const { workspace } = useWorkspace();
  const enabled = may(useSession(), workspace, "callbacks:read");
  const obstacles = useFromEndpoints(obstaclesOf, { enabled }) ?? NONE;
  const navigate = useNavigate();
  return useMemo(() => {
    const open = ({ deliveryID }: Delivery) => {
      const href = hrefOf(deliveryID);
      // A click on the link also reaches the row.
      if (location.pathname + location.search !== href) {
        navigate(href);
      }
    };
    const columns = columnDefinitions({
      hrefOf: ({ deliveryID }) => hrefOf(deliveryID),
      open,
      openID,
      obstacles,
    });
    return { columns, open };
  }, [hrefOf, navigate, openID, obstacles]);
}

/** Returns what deliveries wait for, by endpoint ID. All rows depend on it. */
function obstaclesOf(endpoints: Schemas["Endpoint"][]): Record<string, Obstacle> {
  const entries = endpoints.flatMap((endpoint) => {
    const obstacle = obstacleOf(endpoint);
    return obstacle ? [[endpoint.endpointID, obstacle] as const] : [];
  });
  return Object.fromEntries(entries);
}
