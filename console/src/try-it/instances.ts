import type { Schemas } from "../api/client";
import type { Instance } from "./local-api";

type EventType = Schemas["EventType"];

/** Workspace of instances that name none. */
export const DEFAULT_WORKSPACE = "default";

/** Returns the instances of one workspace. */
export function inWorkspace(instances: Instance[], workspace: string) {
  return instances.flatMap(({ instanceID, processName, workspaceID }) =>
    instanceID !== null && (workspaceID ?? DEFAULT_WORKSPACE) === workspace
      ? [{ instanceID, processName: processName ?? "" }]
      : [],
  );
}

/** Merges the listed instances with those written here since. The list may be truncated. */
export function withWritten(listed: Instance[], written: Instance[]): Instance[] {
  const seen = new Set(listed.map(({ instanceID }) => instanceID));
  return [...listed, ...written.filter(({ instanceID }) => !seen.has(instanceID))];
}

/** Returns an ID that no instance has in any workspace, because the ID alone is the table's key. */
export function unusedId(instances: Instance[]): string {
  const used = new Set(instances.map(({ instanceID }) => instanceID));
  for (let number = 1; ; number += 1) {
    if (!used.has(`order-${number}`)) {
      return `order-${number}`;
    }
  }
}

/** Returns the error of an ID, or `undefined` if it can be used. */
export function idError(id: string, instances: Instance[], workspace: string): string | undefined {
  if (!id) {
    return "Enter an instance ID";
  }
  const found = instances.find(({ instanceID }) => instanceID === id);
  const owner = found && (found.workspaceID ?? DEFAULT_WORKSPACE);
  return owner === undefined || owner === workspace
    ? undefined
    : `An instance of the workspace ${owner} has this ID already: choose another one`;
}

/** Returns the state of the step: how many instances exist, or how many changes were made. */
export function instancesState(instances: number, more: boolean, changes: number): string {
  if (instances === 0) {
    return changes === 0 ? "No instance yet" : changes === 1 ? "1 change made" : `${changes} changes made`;
  }
  return `${more ? "At least " : ""}${instances} ${instances === 1 ? "instance exists" : "instances exist"}`;
}

/** The three buttons and their events. */
export const INSTANCE_ACTIONS: { label: string; eventType: EventType; needsInstance: boolean }[] = [
  { label: "Create", eventType: "created", needsInstance: false },
  { label: "Update", eventType: "updated", needsInstance: true },
  { label: "Delete", eventType: "deleted", needsInstance: true },
];
