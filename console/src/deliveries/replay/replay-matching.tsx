import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import { DialogButtons } from "../../components/dialog-buttons";
import { shortTime } from "../../labels/time";
import type { Filter } from "../filter";
import { filterText } from "../filter-labels";
import { useUrls } from "../use-urls";
import { deliveryCount } from "./labels";
import type { Counted } from "./matching";
import { ReplaySteps } from "./replay-steps";
import { useReplayMatching } from "./use-replay-matching";

/** Counts the matches, asks for confirmation, and replays them. */
export function ReplayMatching({ filter, onClose }: { filter: Filter; onClose: () => void }) {
  const replay = useReplayMatching(filter, onClose);
  const { phase, counted, progress, error } = replay;
  const urls = useUrls([]);
  const running = phase === "planning" || phase === "replaying";
  const possible = counted?.replayable !== 0;
  return (
    <Modal
      visible
      header={header(counted)}
      onDismiss={onClose}
      footer={
        <DialogButtons>
          <Button variant="link" onClick={onClose}>
            {running || progress ? "Stop" : possible ? "Cancel" : "Close"}
          </Button>
          {possible && (
            <Button
              variant="primary"
              onClick={replay.start}
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
      <ReplaySteps replay={replay}>
        <Box color="text-body-secondary">{filterText(filter, urls, shortTime)}</Box>
      </ReplaySteps>
    </Modal>
  );
}

function header(counted: Counted | undefined): string {
  if (!counted) {
    return "Replay everything that matches?";
  }
  if (counted.replayable === 0) {
    return "Nothing to replay";
  }
  return `Replay ${counted.more ? "more than " : ""}${deliveryCount(counted.replayable)}?`;
}
