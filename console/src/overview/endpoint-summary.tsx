import { Ago } from "../components/time";
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
        {health.reason === "gone" ? "The receiver answered 410 Gone" : "Nothing but failures came for days"}.
        It is not called any more since <Ago at={health.disabledSince} />, until it is resumed.
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
        {health.warned && "It is about to be disabled. "}
        It began to fail <Ago at={health.failingSince} />. {waiting} Next try:{" "}
        <NextAttempt endpoint={endpoint} />.
      </>
    );
  }
  if (conditionOf(endpoint) === "paused") {
    return `Nothing is sent and everything is kept until the pause ends. ${waiting}`;
  }
  return (
    <>
      It works, but rejected some deliveries, which are retried apart from the others. Next try:{" "}
      <NextAttempt endpoint={endpoint} />.
    </>
  );
}
