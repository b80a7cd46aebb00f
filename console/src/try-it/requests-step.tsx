import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useMemo, useState } from "react";
import { ErrorAlert } from "../components/error-alert";
import { ListTable } from "../components/list-table";
import { useWorkspace } from "../workspace";
import { type ActionClick, arrivalTimes } from "./arrival-times";
import { type LogUpdate, localQuery } from "./local-api";
import { useClearLog } from "./receiver-log";
import { AnswerCell, RequestCell } from "./request-cells";
import { StepHeading } from "./step-heading";
import { useSignatures } from "./use-signatures";

const PAGE = 20;

/** Lists the requests to the built-in receiver. */
export function RequestsStep({ log, clicks }: { log: LogUpdate | undefined; clicks: ActionClick[] }) {
  const { workspace } = useWorkspace();
  const clearLog = useClearLog(workspace);
  const clearing = localQuery.useMutation("delete", "/local/receiver-log");
  const [pages, setPages] = useState(1);
  const requests = log?.requests ?? [];
  const signatures = useSignatures(requests);
  const times = useMemo(() => arrivalTimes(requests, clicks), [requests, clicks]);
  return (
    <ListTable
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
              onClick={() => clearing.mutate({ params: { query: { workspace } } }, { onSuccess: clearLog })}
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
          cell: (request) => <RequestCell request={request} signature={signatures.get(request.number)} />,
        },
        {
          id: "answer",
          header: "Answer",
          width: 190,
          minWidth: 170,
          cell: (request) => <AnswerCell request={request} after={times.get(request.number)} />,
        },
      ]}
      empty={
        <Box textAlign="center" padding="m">
          <b>No requests yet</b>
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
