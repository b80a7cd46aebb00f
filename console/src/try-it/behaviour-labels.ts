import type { Behaviour } from "./local-api";

/** Time limit of a callback, in milliseconds. */
const TIMEOUT_MS = 10_000;

const FAILING =
  "becomes failing: its deliveries wait, and one at a time is attempted after 5 seconds, 30 seconds, 2 minutes and so on. Other URLs are not affected.";

const MISSED = `A delivery that is missed is retried after 0.2, 1, 5 and 30 seconds and so on. Later events of its instance wait for it, all others continue. After 5 different deliveries missed in a row the endpoint ${FAILING}`;

const REJECTED = `A delivery that is rejected is attempted three times, a second apart, then deferred: it is retried separately, and all others continue. After 10 different deliveries rejected in a row the endpoint ${FAILING}`;

/** Returns the effect of a receiver's behaviour on its callbacks. */
export function consequence(behaviour: Behaviour): string {
  switch (behaviour.answer) {
    case "ok":
      return "Each callback is acknowledged at once. Pending deliveries follow with their next attempt; resume a failing endpoint to retry now.";
    case "fail":
      return failure(behaviour.status);
    case "slow":
      return behaviour.delayMs < TIMEOUT_MS
        ? "Each callback is acknowledged, but late. Other URLs do not wait for it. An endpoint that regularly takes longer than 250 ms is slow: its events are delivered from its backlog, many at a time, and reach it a moment later."
        : `The answer comes after the 10 seconds that a callback may take. ${MISSED}`;
    case "hang":
      return `Each attempt ends after 10 seconds without an answer. ${MISSED}`;
  }
}

function failure(status: number): string {
  if (status === 410) {
    return "410 means that the URL must not be called again: the endpoint is disabled at once, and its deliveries fail. Resume it and replay them afterwards.";
  }
  if (status === 429 || status >= 500) {
    return MISSED;
  }
  return status < 400 ? `Redirects are not followed. ${REJECTED}` : REJECTED;
}
