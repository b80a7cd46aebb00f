import { exactTime } from "../labels/time";
import { type Action, actionLabel } from "./actions";
import type { Endpoint } from "./condition";
import { endpointCount, nameOf } from "./names";
import { outcomeText, type RetryOutcome } from "./retry-outcome";

/** An endpoint that could not be changed. */
export interface Failure {
  endpoint: Endpoint;
  title: string;
  detail: string;
}

const subject = (endpoints: Endpoint[]) =>
  endpoints.length === 1 && endpoints[0] ? nameOf(endpoints[0]) : endpointCount(endpoints.length);

/** Returns the notice of an action that was not possible for all endpoints. */
export function actionNotice(action: Action, changed: number, failures: Failure[]) {
  const first = failures[0];
  const all = failures.length === 1 ? "" : ` ${endpointCount(failures.length)} are not changed.`;
  return {
    type: "error" as const,
    header: first?.title ?? `${actionLabel(action)}: nothing to change`,
    content:
      first &&
      `${nameOf(first.endpoint)}: ${first.detail}${all} ${changed > 0 ? `Done for ${endpointCount(changed)}.` : ""}`,
  };
}

/** Returns the text of an action that was done. */
export function doneText(action: Action, endpoints: Endpoint[], pausedUntil?: string): string {
  const of = subject(endpoints);
  switch (action) {
    case "pause":
      return `Paused ${of} ${pausedUntil ? `until ${exactTime(pausedUntil)}` : "until resumed"}. Events are kept.`;
    case "resume":
      return `Resumed ${of}. What is pending is delivered in order.`;
    default:
      return `Retrying ${of} now…`;
  }
}

/** Returns the text of endpoints that are called again without a pending delivery to try. */
export function resumedText(action: Action, changed: { before: Endpoint; now: Endpoint }[]): string {
  const of = subject(changed.map(({ now }) => now));
  const reset = action === "reset" ? `The damaged attributes of ${of} are set to their defaults. ` : "";
  if (action === "reset" && changed.every(({ now }) => now.settings.paused)) {
    return `${reset}It is still paused.`;
  }
  return `${reset}${action === "enable" ? `Re-enabled ${of}. ` : ""}Nothing is pending: the next event shows whether it works.`;
}

/** Returns the notice of retries whose results are known. */
export function outcomesNotice(outcomes: { before: Endpoint; outcome: RetryOutcome }[]) {
  const of = (kind: RetryOutcome["kind"]) => outcomes.filter(({ outcome }) => outcome.kind === kind);
  const type = of("recovered").length === outcomes.length ? ("success" as const) : ("warning" as const);
  const [only, ...others] = outcomes;
  if (only && others.length === 0) {
    return {
      type,
      header: nameOf(only.before),
      content: outcomeText(only.outcome, only.before.backlog),
      loading: false,
    };
  }
  const parts = [
    ["Recovered", of("recovered")],
    ["Still failing", of("failing")],
    ["Disabled now", of("disabled")],
    ["No result yet", of("unknown")],
  ] as const;
  const content = parts
    .filter(([, some]) => some.length > 0)
    .map(([text, some]) => `${text}: ${some.map(({ before }) => nameOf(before)).join(", ")}`)
    .join(". ");
  return { type, header: `Retried ${endpointCount(outcomes.length)}`, content, loading: false };
}
