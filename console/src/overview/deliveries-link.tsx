import Link from "@cloudscape-design/components/link";
import { useMemo } from "react";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { endOf } from "./series";

/** From a point of a chart to the deliveries behind it. */
export function useDeliveriesLink(buckets: { at: string }[], bucketSeconds: number) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  return useMemo(
    // Pointed at while the range moves on, a bar may be there no more.
    () => (at: Date | undefined) => {
      const bucket = at && buckets.findLast((bucket) => Date.parse(bucket.at) <= at.getTime());
      if (!bucket) {
        return null;
      }
      const filter = new URLSearchParams({
        since: bucket.at,
        until: endOf(bucket, bucketSeconds).toISOString(),
      });
      return (
        <Link href={`${paths.deliveries}?${filter}`} onFollow={follow}>
          Show these deliveries
        </Link>
      );
    },
    [paths.deliveries, follow, buckets, bucketSeconds],
  );
}
