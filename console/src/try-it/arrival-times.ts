import type { LogUpdate, ReceivedRequest } from "./local-api";

/** A click on a button, and the event that it causes. */
export interface ActionClick {
  at: number;
  eventType: string;
  instanceID: string;
}

/** Maximum number of requests shown. The receiver keeps no more. */
const MAX_KEPT = 500;

/** Merges an update into the log, the newest request first. A changed request replaces its earlier version. */
export function mergeLog(before: LogUpdate | undefined, update: LogUpdate): LogUpdate {
  // Request numbers restart with the program.
  const known = before && update.last >= before.last ? before.requests : [];
  const changed = new Set(update.requests.map(({ number }) => number));
  const requests = [...update.requests, ...known.filter(({ number }) => !changed.has(number))];
  requests.sort((one, other) => other.number - one.number);
  return { ...update, requests: requests.slice(0, MAX_KEPT) };
}

/** Returns the milliseconds from click to arrival, by request number. Only first attempts are measured. */
export function arrivalTimes(requests: ReceivedRequest[], clicks: ActionClick[]): Map<number, number> {
  const times = new Map<number, number>();
  const open = [...clicks];
  for (const request of [...requests].sort((one, other) => one.number - other.number)) {
    const at = Date.parse(request.at);
    const index = open.findIndex(
      (click) =>
        click.at <= at &&
        click.eventType === request.eventType &&
        click.instanceID === request.instanceID &&
        request.headers["webhook-attempt"] === "1",
    );
    const [click] = index < 0 ? [] : open.splice(index, 1);
    if (click) {
      times.set(request.number, at - click.at);
    }
  }
  return times;
}
