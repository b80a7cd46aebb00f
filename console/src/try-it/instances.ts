import type { Schemas } from "../api/client";
import type { Instance } from "./local-api";

type EventType = Schemas["EventType"];

/** Where an instance is that names no workspace. */
const DEFAULT_WORKSPACE = "default";

/** The instances of one workspace. */
export function inWorkspace(instances: Instance[], workspace: string) {
  return instances.flatMap(({ instanceID, processName, workspaceID }) =>
    instanceID !== null && (workspaceID ?? DEFAULT_WORKSPACE) === workspace
      ? [{ instanceID, processName: processName ?? "" }]
      : [],
  );
}

/** What the table was seen to hold, which may be the beginning of more, with what was written from here since. */
export function withWritten(listed: Instance[], written: Instance[]): Instance[] {
  const seen = new Set(listed.map(({ instanceID }) => instanceID));
  return [...listed, ...written.filter(({ instanceID }) => !seen.has(instanceID))];
}

/** An id that no instance of any workspace has: the table's key is the id alone. */
export function unusedId(instances: Instance[]): string {
  const used = new Set(instances.map(({ instanceID }) => instanceID));
  for (let number = 1; ; number += 1) {
    if (!used.has(`order-${number}`)) {
      return `order-${number}`;
    }
  }
}

/** Why nothing can be done to the id; undefined when something can. */
export function idError(id: string, instances: Instance[], workspace: string): string | undefined {
  if (!id) {
    return "Name the instance";
  }
  const found = instances.find(({ instanceID }) => instanceID === id);
  const owner = found && (found.workspaceID ?? DEFAULT_WORKSPACE);
  return owner === undefined || owner === workspace
    ? undefined
    : `An instance of the workspace ${owner} has this id already: take another one`;
}

/** What the three buttons are called, and the event that each of them makes. */
export const INSTANCE_ACTIONS: { label: string; eventType: EventType; needsInstance: boolean }[] = [
  { label: "Create", eventType: "created", needsInstance: false },
  { label: "Update", eventType: "updated", needsInstance: true },
  { label: "Delete", eventType: "deleted", needsInstance: true },
];
