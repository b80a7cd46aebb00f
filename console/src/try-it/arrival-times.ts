import type { LogUpdate, ReceivedRequest } from "./local-api";

/** A button that was pressed, and the event that it has to make. */
export interface ActionClick {
  at: number;
  eventType: string;
  instanceID: string;
}

/** How many requests are shown; the receiver keeps no more. */
const MAX_KEPT = 500;

/** The log with its news: the newest first, what has changed in place of what it was. */
export function mergeLog(before: LogUpdate | undefined, update: LogUpdate): LogUpdate {
  // The numbers of a program that was started anew begin again.
  const known = before && update.last >= before.last ? before.requests : [];
  const changed = new Set(update.requests.map(({ number }) => number));
  const requests = [...update.requests, ...known.filter(({ number }) => !changed.has(number))];
  requests.sort((one, other) => other.number - one.number);
  return { ...update, requests: requests.slice(0, MAX_KEPT) };
}

/** By the number of a request: how many milliseconds after the button it arrived. Only first attempts are measured. */
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
