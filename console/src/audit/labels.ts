import type { Schemas } from "../api/client";

export type Entry = Schemas["AuditEntry"];

const ACTIONS: Record<Schemas["Action"], string> = {
  "callbacks.set": "Set callbacks",
  "callbacks.reset": "Reset callbacks",
  "endpoint.changed": "Changed an endpoint",
  "endpoint.resumed": "Resumed an endpoint",
  "signing-secret.created": "Created the first signing secret",
  "signing-secret.set": "Set a signing secret",
  "signing-secret.rotated": "Rotated the signing secret",
  other: "Made a change that this release cannot show",
};

/** Returns the label of an action. */
export const actionLabel = (action: Schemas["Action"]) => ACTIONS[action];

/** Caller ID of changes that the service makes on its own. */
const SERVICE = "instance-webhooks";

/** Returns the display name of a caller. */
export function callerLabel({ id, name }: Schemas["Actor"]): string {
  return name ?? (id === SERVICE ? "The service itself" : id);
}
