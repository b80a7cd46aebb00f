import type { Schemas } from "../api/client";
import { isProblem } from "../api/problem";

type Settings = Schemas["SettingsBody"];

/** What somebody has changed in the form and not saved: what is left out is as it is stored. */
export interface Draft {
  paused?: boolean;
  processNames?: string[];
  /** A process name that is being typed. */
  typed?: string;
  /** As typed; empty is as fast as it answers. */
  maxPerSecond?: string;
}

export const RATE_ERROR = "Give a whole number from 1 to 1,000, or leave it empty for as fast as it answers.";
const NAMES_ERROR = "There can be 100 process names, each of at most 256 characters.";

/** The form's fields: the draft over what is stored. */
export function fieldsOf(settings: Settings, draft: Draft) {
  return {
    paused: draft.paused ?? settings.paused,
    processNames: draft.processNames ?? settings.processNames,
    typed: draft.typed ?? "",
    maxPerSecond: draft.maxPerSecond ?? settings.maxPerSecond?.toString() ?? "",
  };
}

/** With the name that is being typed among the others. */
export function withTypedName(settings: Settings, draft: Draft): Draft {
  const { typed = "", ...rest } = draft;
  const name = typed.trim();
  const names = draft.processNames ?? settings.processNames;
  return name === "" || names.includes(name) ? rest : { ...rest, processNames: [...names, name] };
}

/** What to send: what differs from what is stored. NaN stands for a rate that is no number. */
export function changedSettings(settings: Settings, draft: Draft): Schemas["SettingsInput"] {
  const { paused, processNames, maxPerSecond } = fieldsOf(settings, withTypedName(settings, draft));
  const text = maxPerSecond.trim();
  const rate = text === "" ? null : Number(text);
  return {
    ...(paused !== settings.paused && { paused }),
    ...(processNames.join("\n") !== settings.processNames.join("\n") && { processNames }),
    ...(rate !== settings.maxPerSecond && { maxPerSecond: rate }),
  };
}

/** Which field a refusal is about, in words for it. What is about none of them is said apart. */
export function fieldErrors(error: unknown) {
  const field = isProblem(error) ? (error.field ?? "") : "";
  const maxPerSecond = field === "maxPerSecond" ? RATE_ERROR : undefined;
  const processNames = field.startsWith("processNames") ? NAMES_ERROR : undefined;
  return {
    maxPerSecond,
    processNames,
    elsewhere: error && !maxPerSecond && !processNames ? error : undefined,
  };
}
