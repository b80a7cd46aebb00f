import "./dry-run.css";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { isUnreachable } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Time } from "../components/time";
import {
  type DryRunEvent,
  type DryRunResult,
  eventOutcome,
  exclusionsText,
  MAX_EVENTS,
  outcomeText,
} from "./dry-run-texts";

interface Props {
  result?: DryRunResult;
  /** `true` if the fields have changed since the result. */
  isStale: boolean;
  isPending: boolean;
  /** An error that belongs to no field. */
  error?: unknown;
  onRun: () => void;
}

/** Shows which of the last events would have been sent with the subscription in the form. */
export function DryRun({ result, isStale, isPending, error, onRun }: Props) {
  return (
    <SpaceBetween size="xs">
      <Button formAction="none" onClick={onRun} loading={isPending} loadingText="Reading the last events">
        {`Dry run on the last ${MAX_EVENTS} events`}
      </Button>
      <Box color="text-body-secondary" fontSize="body-s">
        Shows which of them would have been sent with the settings above, saved or not. Nothing is sent.
      </Box>
      <div aria-live="polite">
        {error !== undefined && (
          // A request without a response is not retried automatically, as the alert with a button says.
          <ErrorAlert error={error} onRetry={isUnreachable(error) ? undefined : onRun} />
        )}
        {result && <Outcome result={result} isStale={isStale} />}
      </div>
      {result && result.events.length > 0 && <Events events={result.events} />}
    </SpaceBetween>
  );
}

function Outcome({ result, isStale }: { result: DryRunResult; isStale: boolean }) {
  return (
    <>
      {isStale && (
        <div>
          <StatusIndicator type="warning">Outdated</StatusIndicator> The settings above have changed since
          this dry run.
        </div>
      )}
      <div>
        <b>{outcomeText(result)}</b> {exclusionsText(result.events)}
      </div>
    </>
  );
}

function Events({ events }: { events: DryRunEvent[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <section className="dry-run-events" aria-label="Events of the dry run" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {["Time", "Event", "Instance", "Process", "Dry run"].map((header) => (
              <th key={header} scope="col">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <Row key={event.eventID} event={event} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ event }: { event: DryRunEvent }) {
  return (
    <tr>
      <td>
        <Time at={event.changedAt} />
      </td>
      <td>{event.eventType}</td>
      <th scope="row">{event.instanceID}</th>
      <td>{event.processName || "–"}</td>
      <td>
        <StatusIndicator type={event.sent ? "success" : "stopped"}>{eventOutcome(event)}</StatusIndicator>
      </td>
    </tr>
  );
}
