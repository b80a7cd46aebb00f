import Link from "@cloudscape-design/components/link";
import { useMemo } from "react";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { endOf } from "./series";

/** Returns a function that links a point of a chart to its deliveries. */
export function useDeliveriesLink(buckets: { at: string }[], bucketSeconds: number, endpointID?: string) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  return useMemo(
    // The bar may have left the range since the popover opened.
    () => (at: Date | undefined) => {
      const bucket = at && buckets.findLast((bucket) => Date.parse(bucket.at) <= at.getTime());
      if (!bucket) {
        return null;
      }
      const filter = new URLSearchParams({
        since: bucket.at,
        until: endOf(bucket, bucketSeconds).toISOString(),
        ...(endpointID && { endpointID }),
      });
      return (
        <Link href={`${paths.deliveries}?${filter}`} onFollow={follow}>
          Show these deliveries
        </Link>
      );
    },
    [paths.deliveries, follow, buckets, bucketSeconds, endpointID],
  );
}
