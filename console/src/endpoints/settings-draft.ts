import type { Schemas } from "../api/client";
import type { Subscription } from "./called-when";
import { type ConditionRow, complete, isSameWhere, rowsOf, whereOf } from "./conditions-draft";
import { changedHeaders, type HeadersDraft, headerRows } from "./secret-headers-draft";

type Settings = Schemas["EndpointSettings"];

/** Settings that are lists of texts, edited one text at a time. */
export type ListName = "processNames" | "changed";

/** Unsaved changes in the form. A missing field is unchanged. */
export interface Draft {
  name?: string;
  description?: string;
  contact?: string;
  processNames?: string[];
  changed?: string[];
  /** Texts in the inputs of lists, not added yet. */
  typed?: Partial<Record<ListName, string>>;
  conditions?: ConditionRow[];
  /** As typed. Empty means no limit. */
  maxPerSecond?: string;
  onBacklog?: Settings["onBacklog"];
  secretHeaders?: HeadersDraft;
}

export type Fields = ReturnType<typeof fieldsOf>;

/** Returns the form's fields: the stored settings with the draft applied. */
export function fieldsOf(settings: Settings, draft: Draft) {
  return {
    name: draft.name ?? settings.name ?? "",
    description: draft.description ?? settings.description ?? "",
    contact: draft.contact ?? settings.contact ?? "",
    processNames: draft.processNames ?? settings.processNames,
    changed: draft.changed ?? settings.changed,
    typed: { processNames: "", changed: "", ...draft.typed },
    conditions: draft.conditions ?? rowsOf(settings.where),
    maxPerSecond: draft.maxPerSecond ?? settings.maxPerSecond?.toString() ?? "",
    onBacklog: draft.onBacklog ?? settings.onBacklog,
    secretHeaders: headerRows(settings.secretHeaders, draft.secretHeaders),
  };
}

/** Returns the draft with the typed text added to its list. */
export function withTyped(settings: Settings, draft: Draft, list: ListName): Draft {
  const text = draft.typed?.[list]?.trim() ?? "";
  const texts = draft[list] ?? settings[list];
  const rest = { ...draft, typed: { ...draft.typed, [list]: "" } };
  return text === "" || texts.includes(text) ? rest : { ...rest, [list]: [...texts, text] };
}

const withAllTyped = (settings: Settings, draft: Draft) =>
  withTyped(settings, withTyped(settings, draft, "processNames"), "changed");

/** Returns the settings that differ from the stored ones. `NaN` stands for a rate that is not a number. */
export function changedSettings(settings: Settings, draft: Draft): Schemas["SettingsInput"] {
  const { name, description, contact, processNames, changed, conditions, maxPerSecond, onBacklog } = fieldsOf(
    settings,
    withAllTyped(settings, draft),
  );
  const text = maxPerSecond.trim();
  const rate = text === "" ? null : Number(text);
  const where = whereOf(conditions, settings.where);
  const secretHeaders = changedHeaders(draft.secretHeaders);
  return {
    ...(textOf(name) !== settings.name && { name: textOf(name) }),
    ...(textOf(description) !== settings.description && { description: textOf(description) }),
    ...(textOf(contact) !== settings.contact && { contact: textOf(contact) }),
    ...(!isSameList(processNames, settings.processNames) && { processNames }),
    ...(!isSameList(changed, settings.changed) && { changed }),
    ...(!isSameWhere(where, settings.where) && { where }),
    ...(rate !== settings.maxPerSecond && { maxPerSecond: rate }),
    ...(onBacklog !== settings.onBacklog && { onBacklog }),
    ...(secretHeaders && { secretHeaders }),
  };
}

/** Returns the events that the draft asks for, without incomplete conditions; `undefined` if they are as stored. */
export function draftedSubscription(settings: Settings, draft: Draft): Subscription | undefined {
  const { conditions } = fieldsOf(settings, draft);
  const whole = { ...draft, conditions: complete(conditions, settings.where) };
  const changes = changedSettings(settings, whole);
  return (changes.processNames ?? changes.changed ?? changes.where) && { ...settings, ...changes };
}

/** Returns the events that the form asks for, as stored or as drafted, without incomplete conditions. */
export function subscriptionOf(settings: Settings, draft: Draft): Subscription {
  const { processNames, changed, where } = draftedSubscription(settings, draft) ?? settings;
  return { processNames, changed, where };
}

/** Returns whether two subscriptions are equal. */
export const isSameSubscription = (one: Subscription, other: Subscription) =>
  isSameList(one.processNames, other.processNames) &&
  isSameList(one.changed, other.changed) &&
  isSameWhere(one.where, other.where);

const isSameList = (one: string[], other: string[]) => one.join("\n") === other.join("\n");

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
export function textErrors({
  name = "",
  description = "",
  contact = "",
}: Pick<Draft, "name" | "description" | "contact">) {
  return {
    name: lengthError(name, MAX_LENGTHS.name),
    description: lengthError(description, MAX_LENGTHS.description),
    contact: lengthError(contact, MAX_LENGTHS.contact),
  };
}
