import type { Schemas } from "../api/client";
import { isProblem } from "../api/problem";

type Settings = Schemas["EndpointSettings"];

/** Unsaved changes in the form. A missing field is unchanged. */
export interface Draft {
  paused?: boolean;
  processNames?: string[];
  /** The process name in the input, not added yet. */
  typed?: string;
  /** As typed. Empty means no limit. */
  maxPerSecond?: string;
}

export const RATE_ERROR = "Enter a whole number from 1 to 1,000, or leave it empty for no limit.";
const NAMES_ERROR = "Enter at most 100 process names of at most 256 characters each.";

/** Returns the form's fields: the stored settings with the draft applied. */
export function fieldsOf(settings: Settings, draft: Draft) {
  return {
    paused: draft.paused ?? settings.paused,
    processNames: draft.processNames ?? settings.processNames,
    typed: draft.typed ?? "",
    maxPerSecond: draft.maxPerSecond ?? settings.maxPerSecond?.toString() ?? "",
  };
}

/** Returns the draft with the typed process name added. */
export function withTypedName(settings: Settings, draft: Draft): Draft {
  const { typed = "", ...rest } = draft;
  const name = typed.trim();
  const names = draft.processNames ?? settings.processNames;
  return name === "" || names.includes(name) ? rest : { ...rest, processNames: [...names, name] };
}

/** Returns the settings that differ from the stored ones. `NaN` stands for a rate that is not a number. */
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

/** Assigns an error to its field. `other` is an error that belongs to no field. */
export function fieldErrors(error: unknown) {
  const field = isProblem(error) ? (error.field ?? "") : "";
  const maxPerSecond = field === "maxPerSecond" ? RATE_ERROR : undefined;
  const processNames = field.startsWith("processNames") ? NAMES_ERROR : undefined;
  return {
    maxPerSecond,
    processNames,
    other: error && !maxPerSecond && !processNames ? error : undefined,
  };
}
