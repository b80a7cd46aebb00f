import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { NextTime } from "../../components/time";
import { httpStatus } from "../../labels/http-status";
import { reasonLabel } from "../../labels/reasons";
import { duration } from "../../labels/time";
import { may, useSession } from "../../session/session";
import { useWorkspace } from "../../workspace";
import { DeliveryStatus } from "../columns";
import { replayOffer } from "../replay/offer";
import { ReplayFailedSince } from "../replay/replay-failed-since";
import { ReplayOne } from "../replay/replay-one";
import { obstacleOf, stateOf } from "../state";
import { deliverySummary } from "./delivery-summary";

interface Props {
  delivery: Schemas["DeliveryWithAttempts"];
  /** All configured endpoints; `undefined` while they are loading or if the user may not see them. */
  endpoints: Schemas["Endpoint"][] | undefined;
}

/** Shows where the delivery stands in one line, then what to do, with the button for it. */
export function Situation({ delivery, endpoints }: Props) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const endpoint = endpoints?.find(({ endpointID }) => endpointID === delivery.endpointID);
  const summary = deliverySummary(delivery, endpoint);
  return (
    <SpaceBetween size="s">
      <StatusLine delivery={delivery} endpoint={endpoint} />
      <Alert
        type={summary.type}
        header={summary.title}
        statusIconAriaLabel={summary.type}
        action={
          may(session, workspace, "deliveries:replay") && (
            <ReplayOne delivery={delivery} offer={replayOffer(delivery, endpoints)} />
          )
        }
      >
        {summary.advice}
      </Alert>
      {/* What made one delivery fail has usually made others fail. */}
      {delivery.status === "failed" && endpoint && <ReplayFailedSince endpoint={endpoint} />}
    </SpaceBetween>
  );
}

/** `Retrying · 500 Internal Server Error · 41 ms · 3 attempts · next attempt in 30 seconds` */
function StatusLine({
  delivery,
  endpoint,
}: Pick<Props, "delivery"> & { endpoint: Schemas["Endpoint"] | undefined }) {
  const state = stateOf(delivery, endpoint && obstacleOf(endpoint));
  const { next, nextAfter } = state;
  const last = delivery.attempts.at(-1);
  const count = delivery.attemptCount;
  const parts: ReactNode[] = [
    <DeliveryStatus key="status" state={{ ...state, short: undefined }} />,
    ...(last ? [outcome(last), duration(last.latencyMs)] : []),
    `${count.toLocaleString("en")} ${count === 1 ? "attempt" : "attempts"}`,
  ];
  if (next) {
    parts.push(
      <>
        next attempt <NextTime at={next} past="now" />
      </>,
    );
  } else if (nextAfter) {
    parts.push(`next attempt ${nextAfter.replace("When", "when")}`);
  }
  return (
    <Box>
      <SpaceBetween direction="horizontal" size="xs">
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity
          <span key={index}>
            {index > 0 && "· "}
            {part}
          </span>
        ))}
      </SpaceBetween>
    </Box>
  );
}

/** Returns the outcome of an attempt: `500 Internal Server Error`, `Timeout`. */
export function outcome({ status, reason }: Schemas["Attempt"]): string {
  return status === null ? (reason ? reasonLabel(reason).short : "No response") : httpStatus(status);
}
