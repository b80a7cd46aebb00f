import Alert, { type AlertProps } from "@cloudscape-design/components/alert";
import Link from "@cloudscape-design/components/link";
import TextContent from "@cloudscape-design/components/text-content";
import type { ReactNode } from "react";
import { RelativeTime, Time } from "../components/time";
import { capitalised } from "../labels/text";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { conditionOf, type Endpoint } from "./condition";
import { damageMessage } from "./damage";
import { pendingLabel } from "./labels";
import { LastFailure } from "./last-failure";
import { NextAttempt } from "./next-attempt";

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
    <StateAlert type="error" header="The record of this endpoint is damaged">
      <p>
        {summary} They were edited by hand, restored from elsewhere, or written by a later release. Below,
        they are shown with their defaults.
      </p>
      <p>
        {meaning} {capitalised(pendingLabel(endpoint.backlog))}.
      </p>
      <p>{advice} Pending deliveries then follow in order.</p>
    </StateAlert>
  );
}

function Failing({ endpoint, health }: { endpoint: Endpoint; health: Health<"failing"> }) {
  const { backlog } = endpoint;
  return (
    <StateAlert
      type={health.warned ? "error" : "warning"}
      header={
        <>
          Failing since <Time at={health.failingSince} /> (<RelativeTime at={health.failingSince} />)
        </>
      }
    >
      <LastFailure endpoint={endpoint} />
      <p>
        Nothing is lost: {backlog.pending > 0 ? pendingLabel(backlog) : "new events are kept"}, in order. One
        delivery is retried at a time, with increasing delays: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h,
        then every 4 h, unless the operator has set others. Once one succeeds, the rest follow.
      </p>
      <p>
        {health.failedProbes > 0 && `${failedProbesLabel(health.failedProbes)} so far. `}Next attempt:{" "}
        <b>
          <NextAttempt endpoint={endpoint} />
        </b>
        . Fixed the receiver? Retry now.
      </p>
      {health.warned && (
        <p>
          <b>It will be disabled within a day</b> unless it recovers. Its pending deliveries then fail, and
          must be replayed.
        </p>
      )}
    </StateAlert>
  );
}

const failedProbesLabel = (step: number) =>
  step === 1 ? "1 retry has failed" : `${step} retries have failed`;

function Disabled({ endpoint, health }: { endpoint: Endpoint; health: Health<"disabled"> }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const failedDeliveries = `${paths.deliveries}?endpointID=${endpoint.endpointID}&status=failed`;
  const gone = health.reason === "gone";
  return (
    <StateAlert
      type="error"
      header={
        <>
          Disabled <RelativeTime at={health.disabledSince} />
        </>
      }
    >
      <p>
        {gone
          ? "The receiver answered 410 Gone: this URL must not be called again."
          : "Every attempt failed for 5 days, or for the time that the operator has set."}{" "}
        No deliveries are sent until you re-enable it. Its deliveries are{" "}
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
        If the receiver is still needed{gone && " at this URL"}, fix it, re-enable the endpoint, then replay
        the failed deliveries.
      </p>
    </StateAlert>
  );
}

function Paused({ endpoint }: { endpoint: Endpoint }) {
  const { pausedUntil } = endpoint.settings;
  return (
    <Alert
      type="info"
      statusIconAriaLabel="Info"
      header={
        pausedUntil ? (
          <>
            Paused until <Time at={pausedUntil} /> (<RelativeTime at={pausedUntil} />)
          </>
        ) : (
          "Paused until it is resumed"
        )
      }
    >
      Nothing is sent to it, and every event for it is kept. {capitalised(pendingLabel(endpoint.backlog))}.
      When the pause ends, the events are delivered in order.
    </Alert>
  );
}

function Rejecting({ endpoint }: { endpoint: Endpoint }) {
  const { paths } = useWorkspace();
  const pending = `${paths.deliveries}?endpointID=${endpoint.endpointID}&status=pending`;
  return (
    <Alert type="warning" statusIconAriaLabel="Warning" header="Rejecting some deliveries">
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
    <Alert type="info" statusIconAriaLabel="Info" header="Off: this endpoint is not called">
      None of its event types is enabled.{" "}
      <Link href={paths.editCallbacks} onFollow={useRouterLink()}>
        Enable one
      </Link>{" "}
      under Instance Callback URLs.
    </Alert>
  );
}

interface StateAlertProps {
  type: AlertProps.Type;
  header: ReactNode;
  children: ReactNode;
}

function StateAlert({ type, header, children }: StateAlertProps) {
  return (
    <Alert type={type} statusIconAriaLabel={type === "error" ? "Error" : "Warning"} header={header}>
      <TextContent>{children}</TextContent>
    </Alert>
  );
}
