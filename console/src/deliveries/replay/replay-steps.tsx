import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { ErrorAlert } from "../../components/error-alert";
import { Loading } from "../../components/loading";
import { deliveryCount, SAME_ID_NOTE, skippedReasons, totalOf } from "./labels";
import type { Counted } from "./matching";
import type { useReplayMatching } from "./use-replay-matching";

interface Props {
  replay: ReturnType<typeof useReplayMatching>;
  /** The filter in words. */
  children?: ReactNode;
}

/** Shows the steps of a replay by filter: what can be replayed and what cannot, then the progress. */
export function ReplaySteps({ replay, children }: Props) {
  const { phase, counted, found, progress, error, retry } = replay;
  const done = progress ? progress.replayed + totalOf(progress.skipped) : 0;
  return (
    <SpaceBetween size="m">
      {children}
      {Boolean(error) && <ErrorAlert error={error} onRetry={retry} />}
      {phase === "counting" && !error && <Loading label="Counting what matches" />}
      {phase === "confirming" && counted && <Counts counted={counted} />}
      {phase === "planning" && !error && <Loading label={`Searching: ${deliveryCount(found)} so far`} />}
      {phase === "replaying" && progress && (
        <ProgressBar
          label="Replaying"
          value={found === 0 ? 100 : Math.min(100, (done / found) * 100)}
          description={`${deliveryCount(progress.replayed)} of ${found.toLocaleString("en")} replayed`}
          additionalInfo="Keep this dialog open until it is done. Stopping does not undo what was replayed."
        />
      )}
    </SpaceBetween>
  );
}

function Counts({ counted: { matched, replayable, skipped, more } }: { counted: Counted }) {
  const reasons = skippedReasons(skipped);
  if (matched === 0) {
    return (
      <Box>
        {more
          ? "Nothing found among the newest deliveries that one count examines. Narrow the time range."
          : "No delivered or failed delivery matches. Pending deliveries are still to be sent."}
      </Box>
    );
  }
  return (
    <SpaceBetween size="s">
      {more && <Box>There are more than could be counted at once. All of them are replayed.</Box>}
      {replayable > 0 && (
        <Box>
          {deliveryCount(replayable)} will be sent again, the oldest first. {SAME_ID_NOTE}
        </Box>
      )}
      {reasons.length > 0 && (
        <Alert type="warning" statusIconAriaLabel="Warning" header="Cannot be replayed">
          {reasons.map((reason) => (
            <div key={reason}>{reason}</div>
          ))}
        </Alert>
      )}
    </SpaceBetween>
  );
}
