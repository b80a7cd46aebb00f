import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { query } from "../api/client";
import type { EventType, Line } from "./form";
import { TestOutcome } from "./test-outcome";

interface Props {
  workspace: string;
  eventType: EventType;
  line: Line;
  invalid: boolean;
  readOnly: boolean;
}

/** Shows one URL with its line number and a test button. The URL need not be saved. */
export function UrlLine({ workspace, eventType, line, invalid, readOnly }: Props) {
  const test = query.useMutation("post", "/v1/workspaces/{workspace}/callbacks/{eventType}/test");
  const { number, url } = line;
  const call = () => test.mutate({ params: { path: { workspace, eventType } }, body: { urls: [url] } });
  return (
    <li value={number}>
      <Box variant="span" color={invalid ? "text-status-error" : "text-status-inactive"}>
        <span aria-hidden="true">{number}</span>
      </Box>
      <span className="url">
        {url} {invalid && <StatusIndicator type="error">Not accepted</StatusIndicator>}
      </span>
      {!readOnly && (
        <Button
          loading={test.isPending}
          loadingText={`Testing ${url}`}
          ariaLabel={`Test ${url}`}
          onClick={call}
        >
          Test
        </Button>
      )}
      <div className="outcome" role="status">
        {test.isPending && (
          <StatusIndicator type="in-progress">Waiting for the answer, at most 10 seconds</StatusIndicator>
        )}
        {!test.isPending && (test.data || test.error) && (
          <TestOutcome result={test.data?.results[0]} error={test.error} />
        )}
      </div>
    </li>
  );
}
