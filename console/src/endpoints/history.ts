import type { Entry } from "../audit/labels";
import { capitalised } from "../labels/text";
import { exactTime } from "../labels/time";
import { conditionsText, type Where } from "./called-when";
import { onBacklogText, type SecretHeaderTimes, secretHeaderChanges } from "./secret-header-changes";

/** The state before or after an entry about an endpoint's settings, secret or health. */
type State = Record<string, unknown> & { endpoint?: { endpointID?: string } };

const LABELS: Record<string, string> = {
  paused: "Paused",
  pausedUntil: "End of the pause",
  processNames: "Processes",
  changed: "Changed attributes",
  where: "Conditions",
  maxPerSecond: "Rate limit",
  onBacklog: "While events wait",
  name: "Name",
  description: "Description",
  contact: "Contact",
  fingerprint: "Signing secret",
  health: "Health",
  damaged: "Damaged attributes",
};

const isState = (value: unknown): value is State => typeof value === "object" && value !== null;

/** Returns whether an entry is about the settings or the health of this endpoint. */
export const isAbout = ({ from, to }: Entry, endpointID: string) =>
  [from, to].some((state) => isState(state) && state.endpoint?.endpointID === endpointID);

/** Returns what an entry changed, one line per setting: `Rate limit: none → 5`. */
export function changesOf({ from, to }: Entry): string[] {
  const [before, after] = [isState(from) ? from : {}, isState(to) ? to : {}];
  const headers = ({ secretHeaders }: Partial<State>) => secretHeaders as SecretHeaderTimes | undefined;
  return [
    ...Object.entries(LABELS).flatMap(([key, label]) => {
      const [old, now] = [text(key, before[key]), text(key, after[key])];
      return old === now ? [] : [`${label}: ${old} → ${now}`];
    }),
    ...secretHeaderChanges(headers(before), headers(after)).map(capitalised),
  ];
}

function text(key: string, value: unknown): string {
  if (key === "changed" && value === undefined) {
    return "all";
  }
  if (key === "onBacklog") {
    return onBacklogText(value);
  }
  if (key === "where" && isState(value)) {
    return conditionsText(value as Where);
  }
  if (value === null || value === undefined) {
    return "none";
  }
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "all" : value.join(", ");
  }
  return key === "pausedUntil" ? exactTime(String(value)) : String(value);
}
