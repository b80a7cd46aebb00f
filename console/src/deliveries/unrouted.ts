import type { Schemas } from "../api/client";

/** Endpoint ID of deliveries whose URL is unknown because the callbacks cannot be read. No URL has this ID. */
const UNROUTED = "0".repeat(32);

type Delivery = Pick<Schemas["Delivery"], "endpointID">;

/** Returns `true` if the delivery's URL is unknown because the workspace's callbacks cannot be read. */
export const isUnrouted = ({ endpointID }: Delivery) => endpointID === UNROUTED;

/** Returns a delivery's URL, or a label if it is unknown. */
export const urlLabel = (delivery: Delivery & { url: string }) =>
  isUnrouted(delivery) ? "Unknown, because the callbacks cannot be read" : delivery.url;
