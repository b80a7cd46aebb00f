import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { DialogButtons } from "../../components/dialog-buttons";
import { ErrorAlert } from "../../components/error-alert";
import { Loading } from "../../components/loading";
import type { Filter } from "../filter";
import { deliveryCount, SAME_ID_NOTE } from "./labels";
import { useReplayMatching } from "./use-replay-matching";

/** Counts the matches, asks for confirmation and replays them. */
export function ReplayMatching({ filter, onClose }: { filter: Filter; onClose: () => void }) {
  const { phase, counted, found, progress, error, start, retry } = useReplayMatching(filter, onClose);
  const noMatch = counted?.matched === 0;
  const running = phase === "planning" || phase === "replaying";
  return (
    <Modal
      visible
      header={header(counted)}
      onDismiss={onClose}
      footer={
        <DialogButtons>
          <Button variant="link" onClick={onClose}>
            {running || progress ? "Stop" : noMatch ? "Close" : "Cancel"}
          </Button>
          {!noMatch && (
            <Button
              variant="primary"
              onClick={start}
              disabled={!counted || (Boolean(error) && !running)}
              loading={running && !error}
              loadingText="Replaying"
            >
              Replay
            </Button>
          )}
        </DialogButtons>
      }
    >
      <SpaceBetween size="m">
        {Boolean(error) && <ErrorAlert error={error} onRetry={retry} />}
        {phase === "counting" && !error && <Loading label="Counting what matches" />}
        {phase === "confirming" &&
          (noMatch ? (
            <Box>
              No delivered or failed delivery matches the filter. Pending deliveries are still to be sent.
            </Box>
          ) : (
            <>
              {counted?.more && (
                <Box>There are more than could be counted at once. All of them are replayed.</Box>
              )}
              <Box>
                All delivered and failed deliveries that match the filter are sent again, the oldest first.{" "}
                {SAME_ID_NOTE}
              </Box>
            </>
          ))}
        {phase === "planning" && <Loading label={`Searching:  ${deliveryCount(found)} so far`} />}
        {phase === "replaying" && progress && (
          <ProgressBar
            label="Replaying"
            value={found === 0 ? 100 : Math.min(100, ((progress.replayed + progress.skipped) / found) * 100)}
            description={`${deliveryCount(progress.replayed)} of ${found.toLocaleString("en")} are sent again`}
            additionalInfo="Keep this dialog open until it is done. Stopping does not undo what was replayed."
          />
        )}
      </SpaceBetween>
    </Modal>
  );
}

function header(counted: { matched: number; more: boolean } | undefined): string {
  if (!counted) {
    return "Replay everything that matches?";
  }
  if (counted.matched === 0) {
    return "Nothing to replay";
  }
  return `Replay ${counted.more ? "more than " : ""}${deliveryCount(counted.matched)}?`;
}
