import type { Schemas } from "../api/client";

export type Entry = Schemas["AuditEntry"];
export type Subject = Schemas["Subject"];

const ACTIONS: Record<Schemas["Action"], string> = {
  "callbacks.set": "Updated callback URLs",
  "callbacks.reset": "Reset callback URLs",
  "endpoint.changed": "Updated an endpoint",
  "endpoint.resumed": "Resumed an endpoint",
  "signing-secret.created": "Created the signing secrets",
  "signing-secret.set": "Set a signing secret",
  "signing-secret.rotated": "Rotated a signing secret",
  "deliveries.erased": "Erased an instance's deliveries",
  other: "Changed a setting that this release does not know",
};

/** Returns the label of an action. */
export const actionLabel = (action: Schemas["Action"]) => ACTIONS[action];

const SUBJECT_LABELS: Record<Subject, string> = {
  callbacks: "Callback URLs",
  endpoint: "Endpoint",
  "signing-secret": "Signing secrets",
  deliveries: "Deliveries",
};

export const SUBJECTS = Object.keys(SUBJECT_LABELS) as Subject[];

/** Returns the label of a kind of setting. The address may name one that does not exist. */
export const subjectLabel = (subject: string) => SUBJECT_LABELS[subject as Subject] ?? subject;

/** Caller ID of changes that the service makes on its own. */
const SERVICE = "instance-webhooks";

/** Returns the display name of a caller. */
export function callerLabel({ id, name }: Schemas["Actor"]): string {
  return name ?? (id === SERVICE ? "Instance Webhooks (automatic)" : id);
}
