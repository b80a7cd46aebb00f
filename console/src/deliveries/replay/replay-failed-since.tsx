import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TimeInput from "@cloudscape-design/components/time-input";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { DialogButtons } from "../../components/dialog-buttons";
import { LOCALE } from "../../labels/time";
import { may, useSession } from "../../session/session";
import { useWorkspace } from "../../workspace";
import type { Filter } from "../filter";
import { deliveryCount } from "./labels";
import type { Counted as CountsOfReplay } from "./matching";
import { reEnable } from "./re-enable";
import { ReplaySteps } from "./replay-steps";
import { localTime, type Start, startsOf } from "./since";
import { useReplayMatching } from "./use-replay-matching";

type Endpoint = Schemas["Endpoint"];

/** Replays the failed deliveries of one endpoint since a time. Shows nothing to users who may not replay. */
export function ReplayFailedSince({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const [open, setOpen] = useState(false);
  if (!may(session, workspace, "deliveries:replay")) {
    return null;
  }
  return (
    <>
      <Button onClick={() => setOpen(true)}>Replay failed deliveries of the endpoint…</Button>
      {open && <Dialog endpoint={endpoint} onClose={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const [starts] = useState(() => startsOf(endpoint, Date.now()));
  const [start, setStart] = useState<Start>(starts[0]);
  const [date, setDate] = useState("");
  const [time, setTime] = useState("");
  const [started, setStarted] = useState(false);
  const own = start.id === "own";
  const since = own ? localTime(date, time) : start.since;
  const filter: Filter = { endpointID: endpoint.endpointID, status: "failed", ...(since && { since }) };
  return (
    <Modal visible header="Replay failed deliveries" onDismiss={onClose}>
      <SpaceBetween size="m">
        <Box color="text-body-secondary">
          <span className="breaks-anywhere">{endpoint.url}</span>
        </Box>
        {!started && (
          <FormField label="Failed deliveries since">
            <Select
              selectedOption={{ value: start.id, label: start.label }}
              options={starts.map(({ id, label }) => ({ value: id, label }))}
              onChange={({ detail }) =>
                setStart(starts.find(({ id }) => id === detail.selectedOption.value) ?? starts[0])
              }
            />
          </FormField>
        )}
        {!started && own && <OwnTime date={date} time={time} onDate={setDate} onTime={setTime} />}
        {own && !since ? (
          <DialogButtons>
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
          </DialogButtons>
        ) : (
          // Another start counts again.
          <Counted
            key={since ?? "all"}
            endpoint={endpoint}
            filter={filter}
            onStart={() => setStarted(true)}
            onClose={onClose}
          />
        )}
      </SpaceBetween>
    </Modal>
  );
}

interface OwnTimeProps {
  date: string;
  time: string;
  onDate: (date: string) => void;
  onTime: (time: string) => void;
}

function OwnTime({ date, time, onDate, onTime }: OwnTimeProps) {
  return (
    <SpaceBetween size="s" direction="horizontal">
      <FormField label="Date">
        <DatePicker
          value={date}
          onChange={({ detail }) => onDate(detail.value)}
          locale={LOCALE}
          placeholder="YYYY/MM/DD"
          openCalendarAriaLabel={() => "Choose the date"}
        />
      </FormField>
      <FormField label="Time">
        <TimeInput
          value={time}
          onChange={({ detail }) => onTime(detail.value)}
          format="hh:mm"
          placeholder="00:00"
        />
      </FormField>
    </SpaceBetween>
  );
}

interface CountedProps {
  endpoint: Endpoint;
  filter: Filter;
  onStart: () => void;
  onClose: () => void;
}

/** Counts the failed deliveries, and replays them. */
function Counted({ endpoint, filter, onStart, onClose }: CountedProps) {
  const { workspace } = useWorkspace();
  const mayReEnable = may(useSession(), workspace, "callbacks:write");
  const disabled = endpoint.health.state === "disabled" && mayReEnable;
  const prepare = disabled ? () => reEnable(workspace, endpoint.endpointID) : undefined;
  const replay = useReplayMatching(filter, onClose, prepare);
  const { phase, progress, error } = replay;
  const running = phase === "planning" || phase === "replaying";
  const counted = replay.counted && (disabled ? afterReEnabling(replay.counted) : replay.counted);
  const number = counted?.replayable ?? 0;
  return (
    <SpaceBetween size="m">
      <ReplaySteps replay={{ ...replay, counted }} />
      <DialogButtons>
        <Button variant="link" onClick={onClose}>
          {running || progress ? "Stop" : "Cancel"}
        </Button>
        <Button
          variant="primary"
          onClick={() => {
            onStart();
            replay.start();
          }}
          disabled={number === 0 || (Boolean(error) && !running)}
          loading={running && !error}
          loadingText="Replaying"
        >
          {`${disabled ? "Re-enable and replay" : "Replay"}${counted ? ` ${deliveryCount(number)}` : ""}`}
        </Button>
      </DialogButtons>
    </SpaceBetween>
  );
}

/** Returns the counts as they are once the endpoint is re-enabled. */
function afterReEnabling({ replayable, skipped, ...rest }: CountsOfReplay): CountsOfReplay {
  return {
    ...rest,
    replayable: replayable + skipped.endpointDisabled,
    skipped: { ...skipped, endpointDisabled: 0 },
  };
}
