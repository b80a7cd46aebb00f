import type { Schemas } from "../api/client";

/** The endpoint of deliveries that wait for callbacks that can be read. It is the id of no URL. */
const UNROUTED = "0".repeat(32);

type Delivery = Pick<Schemas["DeliveryBody"], "endpointID">;

/** Whether it is not known for which URLs an event is: the workspace's callbacks cannot be read. */
export const isUnrouted = ({ endpointID }: Delivery) => endpointID === UNROUTED;

/** A delivery's URL; in place of one that is none, what the delivery waits for. */
export const urlLabel = (delivery: Delivery & { url: string }) =>
  isUnrouted(delivery) ? "Waits for callbacks that can be read" : delivery.url;
