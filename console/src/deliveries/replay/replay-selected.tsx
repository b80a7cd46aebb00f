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
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const [phase, setPhase] = useState<Phase>("confirming");
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map());
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
      onClose(true);
    }
  };
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
      onDismiss={() => (phase === "running" ? abort.current.abort() : onClose(phase === "done"))}
      footer={
        <DialogButtons>
          {phase === "confirming" && (
            <Button variant="link" onClick={() => onClose(false)}>
              Cancel
            </Button>
          )}
          {phase === "running" && <Button onClick={() => abort.current.abort()}>Stop</Button>}
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
      </SpaceBetween>
    </Modal>
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
