import type { Schemas } from "../api/client";
import { isProblem } from "../api/problem";

type Settings = Schemas["EndpointSettings"];

/** Unsaved changes in the form. A missing field is unchanged. */
export interface Draft {
  name?: string;
  description?: string;
  contact?: string;
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
    name: draft.name ?? settings.name ?? "",
    description: draft.description ?? settings.description ?? "",
    contact: draft.contact ?? settings.contact ?? "",
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
  const { name, description, contact, processNames, maxPerSecond } = fieldsOf(
    settings,
    withTypedName(settings, draft),
  );
  const text = maxPerSecond.trim();
  const rate = text === "" ? null : Number(text);
  return {
    ...(textOf(name) !== settings.name && { name: textOf(name) }),
    ...(textOf(description) !== settings.description && { description: textOf(description) }),
    ...(textOf(contact) !== settings.contact && { contact: textOf(contact) }),
    ...(processNames.join("\n") !== settings.processNames.join("\n") && { processNames }),
    ...(rate !== settings.maxPerSecond && { maxPerSecond: rate }),
  };
}

/** Returns what the API stores of a text. */
const textOf = (text: string) => text.trim() || null;

/** Returns the error of a text that is longer than the API allows. */
export function lengthError(text: string, most: number): string | undefined {
  const { length } = [...text.trim()];
  return length > most ? `${length} characters; at most ${most} are allowed.` : undefined;
}

/** Maximum lengths of texts, in characters. */
export const MAX_LENGTHS = { name: 100, description: 500, contact: 200 };

/** Returns the errors of texts that are too long. */
export function textErrors({ name = "", description = "", contact = "" }: Draft) {
  return {
    name: lengthError(name, MAX_LENGTHS.name),
    description: lengthError(description, MAX_LENGTHS.description),
    contact: lengthError(contact, MAX_LENGTHS.contact),
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
