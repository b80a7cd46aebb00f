import type { Schemas } from "../../api/client";

/** Formats a count: `1 delivery`, `1,234 deliveries`. */
export const deliveryCount = (count: number) =>
  `${count.toLocaleString("en")} ${count === 1 ? "delivery" : "deliveries"}`;

/** Effect of a replay on receivers. */
export const SAME_ID_NOTE =
  "Receivers get the same webhook-id, so they can detect duplicates. webhook-attempt keeps increasing.";

export type Skipped = Schemas["SkippedCounts"];

const SKIPPED: Record<keyof Skipped, string> = {
  endpointDisabled: "the endpoint is disabled. Re-enable it, then replay.",
  noLongerConfigured: "the URL is no longer called for that event. Add it again, then replay.",
  changed: "they were changed at the same time. Try again.",
};

/** Returns a sentence for each reason: `8 deliveries: the endpoint is disabled. …` */
export function skippedReasons(skipped: Skipped): string[] {
  return (Object.keys(SKIPPED) as (keyof Skipped)[])
    .filter((reason) => skipped[reason] > 0)
    .map((reason) => `${deliveryCount(skipped[reason])}: ${SKIPPED[reason]}`);
}

export const NONE_SKIPPED: Skipped = { endpointDisabled: 0, noLongerConfigured: 0, changed: 0 };

export const totalOf = ({ endpointDisabled, noLongerConfigured, changed }: Skipped) =>
  endpointDisabled + noLongerConfigured + changed;

export const sumOf = (one: Skipped, other: Skipped): Skipped => ({
  endpointDisabled: one.endpointDisabled + other.endpointDisabled,
  noLongerConfigured: one.noLongerConfigured + other.noLongerConfigured,
  changed: one.changed + other.changed,
});
