import Alert, { type AlertProps } from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import TextContent from "@cloudscape-design/components/text-content";
import type { ReactNode } from "react";
import { ErrorAlert } from "../components/error-alert";
import { RelativeTime, Time } from "../components/time";
import { capitalised } from "../labels/text";
import { may, useSession } from "../session/session";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { conditionOf, type Endpoint } from "./condition";
import { damageMessage } from "./damage";
import { pendingLabel } from "./labels";
import { LastFailure } from "./last-failure";
import { NextAttempt } from "./next-attempt";
import { ResumeButton } from "./resume-button";
import { useSettingsChange } from "./use-endpoints";

/** Explains the condition of an endpoint, its automatic next step and the user's. Empty for healthy endpoints. */
export function Explanation({ endpoint }: { endpoint: Endpoint }) {
  return (
    <>
      <HealthAlert endpoint={endpoint} />
      {endpoint.settings.paused && <Paused endpoint={endpoint} />}
    </>
  );
}

function HealthAlert({ endpoint }: { endpoint: Endpoint }) {
  const { health } = endpoint;
  if (health.state === "damaged") {
    return <Damaged endpoint={endpoint} health={health} />;
  }
  if (health.state === "failing") {
    return <Failing endpoint={endpoint} health={health} />;
  }
  if (health.state === "disabled") {
    return <Disabled endpoint={endpoint} health={health} />;
  }
  const condition = conditionOf(endpoint);
  if (condition === "off") {
    return <Off />;
  }
  return (
    <>
      {endpoint.nextDeferredAt && <Rejecting endpoint={endpoint} />}
      {health.state === "slow" && <Slow />}
    </>
  );
}

type Health<State> = Extract<Endpoint["health"], { state: State }>;

function Damaged({ endpoint, health }: { endpoint: Endpoint; health: Health<"damaged"> }) {
  const { summary, meaning, advice } = damageMessage(health.attributes);
  return (
    <ResumeAlert endpoint={endpoint} type="error" header="The record of this endpoint is damaged">
      <p>
        {summary} They were edited by hand, restored from elsewhere, or written by a later release. Below,
        they are shown with their defaults.
      </p>
      <p>
        {meaning} {capitalised(pendingLabel(endpoint.backlog))}.
      </p>
      <p>{advice} Pending deliveries then follow in order.</p>
    </ResumeAlert>
  );
}

function Failing({ endpoint, health }: { endpoint: Endpoint; health: Health<"failing"> }) {
  const { backlog } = endpoint;
  return (
    <ResumeAlert
      endpoint={endpoint}
      type={health.warned ? "error" : "warning"}
      header={
        <>
          This endpoint has been failing since <Time at={health.failingSince} />
        </>
      }
    >
      <LastFailure endpoint={endpoint} />
      <p>
        Several deliveries in a row were not acknowledged, or the receiver asked for a pause. Nothing is lost:{" "}
        {backlog.pending > 0 ? pendingLabel(backlog) : "new events are kept"}, in order. To spare a receiver
        that is down, only one delivery is attempted at a time, with increasing backoff: unless the operator
        has set other steps, 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, then every 4 h. Once one is
        acknowledged, the rest follows.
      </p>
      <p>
        {health.failedProbes > 0 && `${failedProbesLabel(health.failedProbes)} since then. `}Next attempt:{" "}
        <b>
          <NextAttempt endpoint={endpoint} />
        </b>
        . Once the receiver is fixed, resume the endpoint to retry now.
      </p>
      {health.warned && (
        <p>
          <b>It will be disabled within a day</b> unless it recovers. Its pending deliveries then fail, and
          must be replayed.
        </p>
      )}
    </ResumeAlert>
  );
}

const failedProbesLabel = (step: number) =>
  step === 1 ? "One more attempt has failed" : `${step} more attempts have failed`;

function Disabled({ endpoint, health }: { endpoint: Endpoint; health: Health<"disabled"> }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const failedDeliveries = `${paths.deliveries}?endpointID=${endpoint.endpointID}&status=failed`;
  const gone = health.reason === "gone";
  return (
    <ResumeAlert
      endpoint={endpoint}
      type="error"
      header={
        <>
          This endpoint was disabled <RelativeTime at={health.disabledSince} />
        </>
      }
    >
      <p>
        {gone
          ? "The receiver answered 410 Gone: this URL must not be called again."
          : "Every attempt failed for 5 days, or for the time that the operator has set."}{" "}
        It is no longer called, and its deliveries are{" "}
        <Link href={failedDeliveries} onFollow={follow}>
          listed as failed
        </Link>
        .
      </p>
      {!gone && <LastFailure endpoint={endpoint} />}
      <p>
        {gone && (
          <>
            If the receiver has moved,{" "}
            <Link href={paths.editCallbacks} onFollow={follow}>
              set its new URL
            </Link>
            .{" "}
          </>
        )}
        If the receiver is still needed{gone && " at this URL"}, fix it, resume the endpoint, then replay the
        failed deliveries.
      </p>
    </ResumeAlert>
  );
}

function Paused({ endpoint }: { endpoint: Endpoint }) {
  const { change, isPending, error } = useSettingsChange(endpoint);
  const { workspace } = useWorkspace();
  const mayChange = may(useSession(), workspace, "callbacks:write");
  return (
    <>
      {error && <ErrorAlert error={error} />}
      <Alert
        type="info"
        statusIconAriaLabel="Info"
        header="This endpoint is paused"
        action={
          mayChange && (
            <Button loading={isPending} onClick={() => change({ paused: false })}>
              End pause
            </Button>
          )
        }
      >
        Nothing is sent to it, and every event for it is kept. {capitalised(pendingLabel(endpoint.backlog))}.
        When the pause ends, the events are delivered in order.
      </Alert>
    </>
  );
}

function Rejecting({ endpoint }: { endpoint: Endpoint }) {
  const { paths } = useWorkspace();
  const pending = `${paths.deliveries}?endpointID=${endpoint.endpointID}&status=pending`;
  return (
    <Alert
      type="warning"
      statusIconAriaLabel="Warning"
      header="This endpoint works, but rejects some deliveries"
    >
      The receiver rejected each of them three times, a second apart, with a 4xx or 3xx. They were then{" "}
      <Link href={pending} onFollow={useRouterLink()}>
        deferred
      </Link>
      , so that all others continue. They are retried for a day, then they fail. Next attempt:{" "}
      <NextAttempt endpoint={endpoint} />. Check the receiver's log for the reason.
    </Alert>
  );
}

function Slow() {
  return (
    <Alert type="info" statusIconAriaLabel="Info" header="Slow: answers regularly take longer than 250 ms">
      Events are delivered from its backlog, many at a time, and reach it a moment later. Respond first and
      process afterwards to get them at once.
    </Alert>
  );
}

function Off() {
  const { paths } = useWorkspace();
  return (
    <Alert type="info" statusIconAriaLabel="Info" header="This endpoint is not called">
      None of its event types is enabled.{" "}
      <Link href={paths.editCallbacks} onFollow={useRouterLink()}>
        Enable one
      </Link>{" "}
      under Instance Callback URLs.
    </Alert>
  );
}

interface ResumeAlertProps {
  endpoint: Endpoint;
  type: AlertProps.Type;
  header: ReactNode;
  children: ReactNode;
}

function ResumeAlert({ endpoint, type, header, children }: ResumeAlertProps) {
  return (
    <Alert
      type={type}
      statusIconAriaLabel={type === "error" ? "Error" : "Warning"}
      header={header}
      action={<ResumeButton endpoint={endpoint} />}
    >
      <TextContent>{children}</TextContent>
    </Alert>
  );
}
