import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useRef, useState } from "react";
import { errorMessage } from "../../api/problem";
import { DialogButtons } from "../../components/dialog-buttons";
import { ListTable } from "../../components/list-table";
import { Time } from "../../components/time";
import { useNotices } from "../../shell/notices";
import { useWorkspace } from "../../workspace";
import type { Delivery } from "../log";
import { invalidateDeliveries } from "./invalidate";
import { deliveryCount, SAME_ID_NOTE } from "./labels";
import { type Result, replayMany } from "./replay-many";

interface Props {
  selected: Delivery[];
  onClose: (replayed: boolean) => void;
}

type Phase = "confirming" | "running" | "done";

/** Asks for confirmation, replays the selected deliveries and shows each result. */
export function ReplaySelected({ selected, onClose }: Props) {
  const { phase, results, run, stop } = useReplaySelected(selected, () => onClose(true));
  const done = [...results.values()].filter((result) => result === "replayed").length;
  return (
    <Modal
      visible
      size="large"
      header={
        phase === "done"
          ? `Replayed ${done.toLocaleString("en")} of ${deliveryCount(selected.length)}`
          : `Replay ${deliveryCount(selected.length)}?`
      }
      onDismiss={() => (phase === "running" ? stop() : onClose(phase === "done"))}
      footer={
        <DialogButtons>
          {phase === "confirming" && (
            <Button variant="link" onClick={() => onClose(false)}>
              Cancel
            </Button>
          )}
          {phase === "running" && <Button onClick={stop}>Stop</Button>}
          {phase === "done" ? (
            <Button variant="primary" onClick={() => onClose(true)}>
              Close
            </Button>
          ) : (
            <Button variant="primary" onClick={run} loading={phase === "running"} loadingText="Replaying">
              Replay
            </Button>
          )}
        </DialogButtons>
      }
    >
      <SpaceBetween size="m">
        <Box>{SAME_ID_NOTE}</Box>
        <Results selected={selected} results={results} phase={phase} />
      </SpaceBetween>
    </Modal>
  );
}

type Results = ReadonlyMap<string, Result>;

/** Returns the replay of the selected deliveries, one after the other. `onReplayed` is called if all are replayed. */
function useReplaySelected(selected: Delivery[], onReplayed: () => void) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const [phase, setPhase] = useState<Phase>("confirming");
  const [results, setResults] = useState<Results>(new Map());
  const abort = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    return () => controller.abort();
  }, []);

  const run = async () => {
    setPhase("running");
    const all = new Map<string, Result>();
    const onResult = (deliveryID: string, result: Result) => {
      all.set(deliveryID, result);
      setResults(new Map(all));
    };
    await replayMany(workspace, selected, onResult, abort.current.signal);
    await invalidateDeliveries();
    setPhase("done");
    if (selected.every(({ deliveryID }) => all.get(deliveryID) === "replayed")) {
      notify({
        id: "replay selected",
        type: "success",
        header: `Replayed ${deliveryCount(selected.length)}`,
        content: SAME_ID_NOTE,
      });
      onReplayed();
    }
  };
  return { phase, results, run, stop: () => abort.current.abort() };
}

interface ResultsProps {
  selected: Delivery[];
  results: Results;
  phase: Phase;
}

function Results({ selected, results, phase }: ResultsProps) {
  return (
    <ListTable
      variant="embedded"
      wrapLines
      items={selected}
      trackBy="deliveryID"
      ariaLabels={{ tableLabel: "Selected deliveries" }}
      columnDefinitions={[
        { id: "at", header: "Time", cell: ({ changedAt }) => <Time at={changedAt} /> },
        {
          id: "instance",
          header: "Instance",
          isRowHeader: true,
          cell: ({ instanceID, eventType }) => `${instanceID}, ${eventType}`,
        },
        {
          id: "result",
          header: "Result",
          cell: ({ deliveryID, status }) => (
            <ResultOf result={results.get(deliveryID)} phase={phase} pending={status === "pending"} />
          ),
        },
      ]}
    />
  );
}

function ResultOf({ result, phase, pending }: { result?: Result; phase: Phase; pending: boolean }) {
  if (result === "replayed") {
    return <StatusIndicator>Replayed</StatusIndicator>;
  }
  if (result) {
    return <StatusIndicator type="error">{errorMessage(result.error).detail}</StatusIndicator>;
  }
  if (phase === "confirming") {
    return pending ? <StatusIndicator type="info">Already pending – skipped</StatusIndicator> : "–";
  }
  return phase === "running" ? (
    <StatusIndicator type="pending">Waiting</StatusIndicator>
  ) : (
    <StatusIndicator type="stopped">Not replayed</StatusIndicator>
  );
}
