import { RelativeTime, Time } from "../components/time";
import { conditionOf, type Endpoint } from "../endpoints/condition";
import { damageMessage } from "../endpoints/damage";
import { pendingLabel } from "../endpoints/labels";
import { LastReason } from "../endpoints/last-failure";
import { NextAttempt } from "../endpoints/next-attempt";
import { capitalised } from "../labels/text";

/** Summarises the condition of an endpoint and the next step. Its own page says more. */
export function EndpointSummary({ endpoint }: { endpoint: Endpoint }) {
  const { health, backlog } = endpoint;
  if (health.state === "disabled") {
    return (
      <>
        {health.reason === "gone" ? "The receiver answered 410 Gone" : "All attempts failed for days"}.
        Disabled <RelativeTime at={health.disabledSince} />. No deliveries are sent until you re-enable it.
      </>
    );
  }
  if (health.state === "damaged") {
    const { summary, meaning, advice } = damageMessage(health.attributes);
    return `${summary} ${meaning} ${capitalised(pendingLabel(backlog))}. ${advice}`;
  }
  const waiting = `${capitalised(pendingLabel(backlog))}.`;
  if (health.state === "failing") {
    return (
      <>
        <LastReason endpoint={endpoint} />
        {health.warned && "It will be disabled within a day. "}
        It began to fail <RelativeTime at={health.failingSince} />. {waiting} Next attempt:{" "}
        <NextAttempt endpoint={endpoint} />.
      </>
    );
  }
  if (conditionOf(endpoint) === "paused") {
    const { pausedUntil } = endpoint.settings;
    return (
      <>
        Nothing is sent, and every event is kept until{" "}
        {pausedUntil ? <Time at={pausedUntil} /> : "it is resumed"}. {waiting}
      </>
    );
  }
  return (
    <>
      It works, but rejected some deliveries. These are deferred and retried separately. Next attempt:{" "}
      <NextAttempt endpoint={endpoint} />.
    </>
  );
}
