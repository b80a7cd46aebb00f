import type { Callbacks } from "./form";

/** Initial value of the editor when the stored callbacks cannot be read. */
export const EMPTY_CALLBACKS: Callbacks = {
  version: null,
  created: { enabled: false, urls: [] },
  updated: { enabled: false, urls: [] },
  deleted: { enabled: false, urls: [] },
};

interface DamageMessage {
  title: string;
  detail: string;
}

/** Returns the cause, the effect and the next step for callbacks that cannot be read. */
export function damageMessage(workspace: string, writable: boolean): DamageMessage {
  return {
    title: `The callbacks of the workspace ${workspace} cannot be read`,
    detail: `They were edited by hand, restored from elsewhere, or written by a later release. Nothing is sent, every event is kept, and nothing is lost. ${writable ? REPLACE : ASK}`,
  };
}

const REPLACE =
  "Save them again to replace the damaged ones, or ask the operator to correct the item, which the log names.";
const ASK =
  "Ask an administrator of the workspace to save them again, or the operator to correct the item, which the log names.";

/** Warning of the editor while saving would replace damaged callbacks. */
export const REPLACE_WARNING =
  "OK replaces the damaged callbacks, and the events that were kept are delivered to the URLs below. Enter every URL to call: pending deliveries for a missing URL fail.";
