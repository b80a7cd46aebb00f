import type { Schemas } from "../api/client";

export type Endpoint = Schemas["Endpoint"];

/** Conditions of an endpoint, the worst first. */
export const CONDITIONS = [
  "damaged",
  "disabled",
  "failing",
  "paused",
  "rejecting",
  "off",
  "slow",
  "new",
  "healthy",
] as const;
export type Condition = (typeof CONDITIONS)[number];

export function conditionOf(endpoint: Endpoint): Condition {
  const { health, settings, eventTypes, nextDeferredAt, lastSuccessAt, lastFailureAt } = endpoint;
  if (health.state === "damaged" || health.state === "disabled" || health.state === "failing") {
    return health.state;
  }
  if (settings.paused) {
    return "paused";
  }
  if (nextDeferredAt !== null) {
    return "rejecting";
  }
  if (!eventTypes.some(({ enabled }) => enabled)) {
    return "off";
  }
  if (health.state === "slow") {
    return "slow";
  }
  return lastSuccessAt === null && lastFailureAt === null ? "new" : "healthy";
}

const NEED_ATTENTION: Condition[] = ["damaged", "disabled", "failing", "paused", "rejecting"];

export const needsAttention = (endpoint: Endpoint) => NEED_ATTENTION.includes(conditionOf(endpoint));

/** Compares endpoints: by condition, the worst first, then by backlog size. */
export function worstFirst(one: Endpoint, other: Endpoint): number {
  const rank = (endpoint: Endpoint) => CONDITIONS.indexOf(conditionOf(endpoint));
  return (
    rank(one) - rank(other) || other.backlog.pending - one.backlog.pending || one.url.localeCompare(other.url)
  );
}

/** Returns whether deliveries to the endpoint wait after a failure. */
export const isFailing = ({ health, backlog }: Endpoint) => health.state === "failing" && backlog.pending > 0;

type Backlog = Schemas["Backlog"];

export function sumOfBacklogs(endpoints: Endpoint[]): Backlog {
  return {
    pending: endpoints.reduce((sum, { backlog }) => sum + backlog.pending, 0),
    capped: endpoints.some(({ backlog }) => backlog.capped),
  };
}
