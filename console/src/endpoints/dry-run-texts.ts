import type { Schemas } from "../api/client";
import { conjunction } from "../labels/text";

export type DryRunResult = Schemas["DryRun"];
export type DryRunEvent = Schemas["DryRunEvent"];
type ExcludedBy = NonNullable<DryRunEvent["excludedBy"]>;

/** Maximum number of events of a dry run. */
export const MAX_EVENTS = 100;

/** What excludes an event, in the order of the check. A reason added to the API does not compile until it is here. */
const EXCLUDED_BY: Record<ExcludedBy, string> = {
  callbacks: "the event type",
  processNames: "the processes",
  changed: "the changed attributes",
  where: "the conditions",
};

/** Says in a sentence how many events would have been sent. */
export function outcomeText({ events, sent, complete }: DryRunResult): string {
  const tooMany = complete ? "" : "The stream has too many records to read all of them back. ";
  const period = complete ? "the last 24 hours" : "the last few seconds";
  if (events.length === 0) {
    return `${tooMany}There was no event in ${period}.`;
  }
  if (events.length === 1) {
    return `${tooMany}The only event of ${period} would ${sent === 1 ? "" : "not "}have been sent.`;
  }
  const isCut = complete && events.length >= MAX_EVENTS;
  const those = isCut ? `the last ${events.length} events` : `the ${events.length} events of ${period}`;
  const count = sent === 0 ? "None" : sent === events.length ? "All" : sent;
  return `${tooMany}${count} of ${those} would have been sent.`;
}

/** Says how many events are excluded by what; `undefined` if none is. */
export function exclusionsText(events: DryRunEvent[]): string | undefined {
  const counted = Object.entries(EXCLUDED_BY).flatMap(([reason, label]) => {
    const count = events.filter(({ excludedBy }) => excludedBy === reason).length;
    return count === 0 ? [] : [`${count} by ${label}`];
  });
  return counted.length === 0 ? undefined : `Excluded: ${conjunction.format(counted)}.`;
}

/** Returns the outcome of one event. */
export const eventOutcome = ({ excludedBy }: DryRunEvent): string =>
  excludedBy ? `Excluded by ${EXCLUDED_BY[excludedBy]}` : "Sent";
