import type { News, Received } from "./local-api";

/** A button that was pressed, and the event that it has to make. */
export interface Press {
  at: number;
  eventType: string;
  instanceID: string;
}

/** How many requests are shown; the receiver keeps no more. */
const KEPT = 500;

/** The log with its news: the newest first, what has changed in place of what it was. */
export function merged(before: News | undefined, news: News): News {
  // The numbers of a program that was started anew begin again.
  const known = before && news.last >= before.last ? before.requests : [];
  const changed = new Set(news.requests.map(({ number }) => number));
  const requests = [...news.requests, ...known.filter(({ number }) => !changed.has(number))];
  requests.sort((one, other) => other.number - one.number);
  return { ...news, requests: requests.slice(0, KEPT) };
}

/** By the number of a request: how many milliseconds after the button it arrived. Only first attempts are measured. */
export function arrivalTimes(requests: Received[], presses: Press[]): Map<number, number> {
  const times = new Map<number, number>();
  const open = [...presses];
  for (const request of [...requests].sort((one, other) => one.number - other.number)) {
    const at = Date.parse(request.at);
    const index = open.findIndex(
      (press) =>
        press.at <= at &&
        press.eventType === request.eventType &&
        press.instanceID === request.instanceID &&
        request.headers["webhook-attempt"] === "1",
    );
    const [press] = index < 0 ? [] : open.splice(index, 1);
    if (press) {
      times.set(request.number, at - press.at);
    }
  }
  return times;
}
