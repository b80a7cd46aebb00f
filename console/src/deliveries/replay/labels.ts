/** Formats a count: `1 delivery`, `1,234 deliveries`. */
export const deliveryCount = (count: number) =>
  `${count.toLocaleString("en")} ${count === 1 ? "delivery" : "deliveries"}`;

/** Effect of a replay on receivers. */
export const SAME_ID_NOTE =
  "Receivers get the same webhook-id again, so that they can recognise the event; webhook-attempt continues counting.";
