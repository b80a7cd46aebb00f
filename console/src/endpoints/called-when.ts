import type { Schemas } from "../api/client";
import { disjunction } from "../labels/text";
import type { Endpoint } from "./condition";

export type Where = Schemas["EndpointSettings"]["where"];
type Condition = Where[string][number];

/** The settings that limit which events are sent. */
export type Subscription = Pick<Schemas["EndpointSettings"], "processNames" | "changed" | "where">;

/** Number of items after which the sentence cuts a list: the settings have room for a hundred. */
const MAX_NAMED = 5;

/** Texts that are words of the sentence. */
const OWN_WORDS = ["and", "or", "empty"];

/** Says in a sentence which events are sent. */
export function calledWhen(eventTypes: Endpoint["eventTypes"], subscription: Subscription): string {
  const enabled = eventTypes.flatMap((use) => (use.enabled ? [use.eventType] : []));
  if (enabled.length === 0) {
    return "Not called: none of its event types is enabled.";
  }
  const { processNames, changed, where } = subscription;
  const instance = processNames.length === 0 ? "an instance" : `an instance of ${processes(processNames)}`;
  return `Called when ${instance} is ${changes(enabled, changed)}${condition(where, enabled)}.`;
}

/** Formats conditions: `status is Approved or begins with Rej, and priority is 1`. */
export const conditionsText = (where: Where, most = Number.POSITIVE_INFINITY): string =>
  Object.entries(where)
    .map(([path, any]) => `${quoted(path)} ${alternatives(any, most)}`)
    .join(", and ");

function processes(names: string[]): string {
  return anyOf(names.map((name) => (name === "" ? "no process" : quoted(name))));
}

/** The comma before the last event type says that the attributes belong to updates only. */
function changes(enabled: string[], changed: string[]): string {
  if (changed.length === 0 || !enabled.includes("updated")) {
    return disjunction.format(enabled);
  }
  const updated = `updated with a change of ${anyOf(changed.map(quoted))}`;
  const all = enabled.map((eventType) => (eventType === "updated" ? updated : eventType));
  return all.length === 1 ? updated : `${all.slice(0, -1).join(", ")}, or ${all.at(-1)}`;
}

function condition(where: Where, enabled: string[]): string {
  if (Object.keys(where).length === 0) {
    return "";
  }
  return `, if ${conditionsText(where, MAX_NAMED)}${deletionNote(enabled)}`;
}

function deletionNote(enabled: string[]): string {
  if (!enabled.includes("deleted")) {
    return "";
  }
  return enabled.length === 1
    ? "; the values before the deletion count"
    : "; for a deletion, the values before it count";
}

function alternatives(any: Condition[], most: number): string {
  const exact = any.flatMap((it) => (typeof it === "string" ? [it === "" ? "empty" : quoted(it)] : []));
  const prefixes = any.flatMap((it) => (typeof it === "string" ? [] : [it.prefix]));
  return [
    ...(exact.length === 0 ? [] : [`is ${anyOf(exact, most)}`]),
    ...(prefixes.length === 0 ? [] : [beginning(prefixes, most)]),
  ].join(" or ");
}

/** Every text begins with the empty one. */
const beginning = (prefixes: string[], most: number) =>
  prefixes.includes("") ? "has any value" : `begins with ${anyOf(prefixes.map(quoted), most)}`;

/** Formats alternatives: `a, b or c`, `a, b, c, d, e or 2 more`. */
function anyOf(texts: string[], most = MAX_NAMED): string {
  const more = texts.length - most;
  return disjunction.format(more > 0 ? [...texts.slice(0, most), `${more} more`] : texts);
}

/** Returns the text, in quotation marks if it would not read as one word. */
const quoted = (text: string) =>
  isOneWord.test(text) && !OWN_WORDS.includes(text.toLowerCase()) ? text : `“${text}”`;

const isOneWord = /^[\p{L}\p{N}]([\p{L}\p{N}_.[\]:/-]*[\p{L}\p{N}\]])?$/u;
