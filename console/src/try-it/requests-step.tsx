import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useMemo, useState } from "react";
import { ErrorAlert } from "../components/error-alert";
import { Time } from "../components/time";
import { duration } from "../labels/time";
import { type ActionClick, arrivalTimes } from "./arrival-times";
import { type LocalPaths, type LogUpdate, localQuery, type ReceivedRequest } from "./local-api";
import { useClearLog } from "./receiver-log";
import { StepHeading } from "./step-heading";

const PAGE = 20;

/** Lists the requests to the built-in receiver. */
export function RequestsStep({ log, clicks }: { log: LogUpdate | undefined; clicks: ActionClick[] }) {
  const clearLog = useClearLog();
  const clearing = localQuery.useMutation("delete", "/local/receiver-log" satisfies keyof LocalPaths);
  const [pages, setPages] = useState(1);
  const requests = log?.requests ?? [];
  const times = useMemo(() => arrivalTimes(requests, clicks), [requests, clicks]);
  return (
    <Table
      header={
        <StepHeading
          step={3}
          title="Watch the callbacks arrive"
          done={requests.length > 0}
          state={
            requests.length === 0
              ? "Waiting"
              : requests.length === 1
                ? "1 request"
                : `${requests.length} requests`
          }
          actions={
            <Button
              disabled={requests.length === 0}
              loading={clearing.isPending}
              onClick={() => clearing.mutate({}, { onSuccess: clearLog })}
            >
              Clear
            </Button>
          }
        />
      }
      ariaLabels={{ tableLabel: "Requests to the built-in receiver" }}
      enableKeyboardNavigation
      wrapLines
      cellVerticalAlign="top"
      loading={!log}
      loadingText="Loading the requests"
      items={requests.slice(0, pages * PAGE)}
      trackBy={({ number }) => String(number)}
      columnDefinitions={[
        {
          id: "request",
          header: "Request",
          isRowHeader: true,
          minWidth: 220,
          cell: (request) => <Request request={request} />,
        },
        {
          id: "answer",
          header: "Answer",
          width: 190,
          minWidth: 170,
          cell: (request) => (
            <>
              <Response request={request} />
              <Arrived at={request.at} after={times.get(request.number)} />
            </>
          ),
        },
      ]}
      empty={
        <Box textAlign="center" padding="m">
          <b>Nothing has arrived yet</b>
          <Box color="text-body-secondary">Use the built-in receiver, then create an instance.</Box>
        </Box>
      }
      footer={
        <>
          {requests.length > pages * PAGE && (
            <Box textAlign="center">
              <Button onClick={() => setPages(pages + 1)}>Show older requests</Button>
            </Box>
          )}
          {clearing.isError && <ErrorAlert error={clearing.error} />}
        </>
      }
    />
  );
}

function Request({ request }: { request: ReceivedRequest }) {
  const { number, method, path, query, eventType, instanceID, processName, headers } = request;
  return (
    <>
      <Box fontWeight="bold">
        {eventType ?? "No event type"}: {instanceID ?? "no instance"} of {processName ?? "no process"}
      </Box>
      <Box variant="code">
        <span className="breaks-anywhere">
          {method} {path}
          {query !== null && `?${query}`}
        </span>
      </Box>
      <ExpandableSection
        variant="inline"
        headerText="Headers"
        headerAriaLabel={`Headers of request ${number}`}
      >
        {Object.entries(headers).map(([name, value]) => (
          <div key={name} className="breaks-anywhere">
            <Box variant="code">
              {name}: {value}
            </Box>
          </div>
        ))}
      </ExpandableSection>
    </>
  );
}

function Response({ request: { outcome, status, afterMs } }: { request: ReceivedRequest }) {
  const after = afterMs === null ? "" : ` after ${duration(afterMs)}`;
  if (outcome === "waiting") {
    return <StatusIndicator type="in-progress">Not yet</StatusIndicator>;
  }
  if (outcome === "hung-up") {
    return <StatusIndicator type="stopped">{`None: hung up${after}`}</StatusIndicator>;
  }
  const acknowledged = status !== null && status < 300;
  return <StatusIndicator type={acknowledged ? "success" : "error"}>{`${status}${after}`}</StatusIndicator>;
}

function Arrived({ at, after }: { at: string; after: number | undefined }) {
  return (
    <Box color="text-body-secondary" fontSize="body-s">
      <div>
        Arrived <Time at={at} />
      </div>
      {after !== undefined && `${duration(after)} after the button`}
    </Box>
  );
}
