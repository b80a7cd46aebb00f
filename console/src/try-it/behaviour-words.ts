import type { Behaviour } from "./local-api";

/** How long a callback may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

const BACK_OFF = "tried again after 5 seconds, 30 seconds, 2 minutes and so on";

/** What will happen to the callbacks while the receiver answers like this. */
export function consequence(behaviour: Behaviour): string {
  switch (behaviour.answer) {
    case "ok":
      return "Each callback is taken at once. What waits for the endpoint is delivered when it is tried the next time; resume it to have that now.";
    case "fail":
      return refusal(behaviour.status);
    case "slow":
      return behaviour.delayMs < TIMEOUT_MS
        ? "Each callback is taken, but late. Other URLs do not wait for it."
        : unanswered("The answer comes after the 10 seconds that a callback may take.");
    case "hang":
      return unanswered("Each attempt ends after 10 seconds without an answer.");
  }
}

function refusal(status: number): string {
  if (status === 410) {
    return "410 means never again: the endpoint is disabled at once, and its deliveries fail. Resume it and replay them afterwards.";
  }
  if (status === 429 || status === 503) {
    return `It asks for patience: the endpoint becomes failing at once, and is ${BACK_OFF}. Its deliveries wait; other URLs are not held up.`;
  }
  const redirect = status < 400 ? "Redirects are not followed. " : "";
  return `${redirect}A delivery is tried three times in its place. When nothing is taken, the endpoint becomes failing and is ${BACK_OFF}: its deliveries wait, and other URLs are not held up.`;
}

const unanswered = (what: string) =>
  `${what} The endpoint becomes failing and is ${BACK_OFF}: its deliveries wait, and other URLs are not held up.`;
