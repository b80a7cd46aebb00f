import { lazy, Suspense } from "react";
import { Loading } from "../components/loading";
import type { Statistics } from "./use-statistics";

// Loaded last: the charts are the largest chunk.
const Charts = lazy(() => import("./charts"));

/** Height of both charts beside each other and of the table's header, with which they come. */
const MIN_HEIGHT_PX = 448;

interface Props {
  /** `undefined` while loading. */
  statistics: Statistics | undefined;
  /** The endpoint of the statistics; without it they are of all endpoints. */
  endpointID?: string;
}

/** Shows the charts. They have their place while they are loaded, so that they do not move what is below. */
export function ChartsPanel({ statistics, ...props }: Props) {
  const loading = <Loading label="Loading charts" />;
  return (
    // The charts' own margins are inside, so that it is as high with them as without.
    <div style={{ display: "flow-root", minHeight: MIN_HEIGHT_PX }}>
      {statistics ? (
        <Suspense fallback={loading}>
          <Charts statistics={statistics} {...props} />
        </Suspense>
      ) : (
        loading
      )}
    </div>
  );
}
