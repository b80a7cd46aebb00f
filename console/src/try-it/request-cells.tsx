import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { Time } from "../components/time";
import { duration } from "../labels/time";
import type { ReceivedRequest } from "./local-api";

interface Props {
  request: ReceivedRequest;
  /** Whether the signature is valid; `undefined` before it is verified, and for an unsigned request. */
  signature: boolean | undefined;
}

/** Shows a request: its event, attempt, signature and target, and its headers on demand. */
export function RequestCell({ request, signature }: Props) {
  const { number, eventType, instanceID, processName, headers } = request;
  const [headersShown, setHeadersShown] = useState(false);
  const attempt = headers["webhook-attempt"];
  const toggleText = headersShown ? "Hide headers" : "Headers";
  return (
    <>
      <SpaceBetween size="xs" direction="horizontal" alignItems="center">
        <Box fontWeight="bold">
          {eventType ?? "No event type"}: {instanceID ?? "no instance"} of {processName ?? "no process"}
        </Box>
        {attempt && <Badge color={attempt === "1" ? "grey" : "severity-medium"}>Attempt {attempt}</Badge>}
        <SignatureState signature={signature} />
      </SpaceBetween>
      <Box variant="code">
        <Target request={request} />
      </Box>
      <div>
        <Button
          variant="inline-link"
          ariaExpanded={headersShown}
          ariaLabel={`${toggleText} of request ${number}`}
          onClick={() => setHeadersShown(!headersShown)}
        >
          {toggleText}
        </Button>
      </div>
      {headersShown &&
        Object.entries(headers).map(([name, value]) => (
          <div key={name} className="breaks-anywhere">
            <Box variant="code">
              {name}: {value}
            </Box>
          </div>
        ))}
    </>
  );
}

function SignatureState({ signature }: { signature: boolean | undefined }) {
  if (signature === undefined) {
    return null;
  }
  return signature ? (
    <StatusIndicator type="success">Signature valid</StatusIndicator>
  ) : (
    <StatusIndicator type="error">Signature not valid</StatusIndicator>
  );
}

/** Shows method and target. A line ends between two parameters rather than inside one. */
function Target({ request: { method, path, query } }: { request: ReceivedRequest }) {
  const [first, ...rest] = query?.split("&") ?? [];
  return (
    <span className="breaks-anywhere">
      {method} {path}
      {first !== undefined && (
        <>
          <wbr />?{first}
        </>
      )}
      {rest.map((parameter, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parameters of a request never change
        <span key={index}>
          <wbr />&{parameter}
        </span>
      ))}
    </span>
  );
}

/** Shows the receiver's answer and when the request arrived. */
export function AnswerCell({ request, after }: { request: ReceivedRequest; after: number | undefined }) {
  return (
    <>
      <Answer request={request} />
      <Box color="text-body-secondary" fontSize="body-s">
        <div>
          Arrived <Time at={request.at} />
        </div>
        {after !== undefined && `${duration(after)} after the click`}
      </Box>
    </>
  );
}

function Answer({ request: { outcome, status, afterMs } }: { request: ReceivedRequest }) {
  const after = afterMs === null ? "" : ` after ${duration(afterMs)}`;
  if (outcome === "waiting") {
    return <StatusIndicator type="in-progress">Not yet</StatusIndicator>;
  }
  if (outcome === "hung-up") {
    return <StatusIndicator type="stopped">{`Timed out${after}`}</StatusIndicator>;
  }
  const acknowledged = status !== null && status < 300;
  return <StatusIndicator type={acknowledged ? "success" : "error"}>{`${status}${after}`}</StatusIndicator>;
}
