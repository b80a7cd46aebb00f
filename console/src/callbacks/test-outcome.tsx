import Box from "@cloudscape-design/components/box";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Schemas } from "../api/client";
import { errorMessage, isProblem } from "../api/problem";
import { reasonLabel } from "../labels/reasons";
import { capitalised } from "../labels/text";
import { duration } from "../labels/time";

/** Reasons whose detail adds information, such as the certificate or address. */
const REASONS_WITH_DETAIL = new Set<Schemas["Reason"]>([
  "tls-failure",
  "dns-failure",
  "address-not-allowed",
  "other",
]);

/** Shows the result of a test call, or the error that prevented it. */
export function TestOutcome({ result, error }: { result?: Schemas["TestResult"]; error: unknown }) {
  if (!result) {
    return <NotCalled error={error} />;
  }
  const { delivered, status, latencyMs, reason, detail } = result;
  const elapsed = duration(latencyMs);
  if (delivered) {
    return <StatusIndicator type="success">{`${status} in ${elapsed}`}</StatusIndicator>;
  }
  const label = reason && reasonLabel(reason);
  return (
    <>
      <StatusIndicator type="error">
        {status ? `${status} in ${elapsed}` : `No answer, after ${elapsed}`}
      </StatusIndicator>
      <Box variant="small" display="block">
        {label ? `${label.title}. ${label.advice}` : detail && capitalised(detail)}
      </Box>
      {detail && reason && REASONS_WITH_DETAIL.has(reason) && (
        <Box variant="small" display="block" color="text-status-inactive">
          {capitalised(detail)}
        </Box>
      )}
    </>
  );
}

function NotCalled({ error }: { error: unknown }) {
  const { title, detail } = errorMessage(error);
  const line = isProblem(error) ? error.errors?.[0] : undefined;
  return (
    <>
      <StatusIndicator type={isProblem(error) && error.status === 429 ? "stopped" : "error"}>
        {`Not called: ${title}`}
      </StatusIndicator>
      <Box variant="small" display="block">
        {line ? capitalised(line.detail.replace(/^.*?, line \d+: /, "")) : detail}
      </Box>
    </>
  );
}
