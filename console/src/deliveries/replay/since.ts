import type { Schemas } from "../../api/client";

type Endpoint = Schemas["Endpoint"];

/** A start that is offered: the deliveries of changes from that time on are replayed. */
export interface Start {
  id: "outage" | "1h" | "24h" | "all" | "own";
  label: string;
  /** RFC 3339; `undefined` for all. */
  since?: string;
}

const HOUR_MS = 3_600_000;

/** Returns the starts to offer, the most likely one first: the last day, or the whole of a longer outage. */
export function startsOf({ health }: Pick<Endpoint, "health">, now: number): [Start, ...Start[]] {
  const before = (hours: number) => new Date(now - hours * HOUR_MS).toISOString();
  const fixed: [Start, ...Start[]] = [
    { id: "24h", label: "The last 24 hours", since: before(24) },
    { id: "1h", label: "The last hour", since: before(1) },
    { id: "all", label: "All that the log keeps" },
    { id: "own", label: "A time of your own" },
  ];
  if (health.state === "disabled") {
    // Deliveries from before the endpoint was disabled failed with it.
    return [{ id: "all", label: "All that the log keeps" }, ...fixed.filter(({ id }) => id !== "all")];
  }
  if (health.state === "failing" && Date.parse(health.failingSince) < now - 24 * HOUR_MS) {
    // The instances of the deliveries that made it fail had changed before that.
    const since = new Date(Date.parse(health.failingSince) - HOUR_MS).toISOString();
    return [{ id: "outage", label: "An hour before it began to fail", since }, ...fixed];
  }
  return fixed;
}

/** Returns the local date and time as RFC 3339, or `undefined` if either is not complete. */
export function localTime(date: string, time: string): string | undefined {
  const [, hours = "00", minutes = "00"] = /^(\d{2}):(\d{2})$/.exec(time || "00:00") ?? [];
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T${hours}:${minutes}:00`) : undefined;
  return at && !Number.isNaN(at.getTime()) && /^(\d{2}:\d{2})?$/.test(time) ? at.toISOString() : undefined;
}
