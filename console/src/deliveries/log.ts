import { useQuery } from "@tanstack/react-query";
import { api, POLL_INTERVAL_MS, type Schemas } from "../api/client";
import { type ApiFilter, apiFilter, type Filter, writeFilter } from "./filter";
import { withKnown } from "./known-rows";

export type Delivery = Schemas["Delivery"];

const LOG = "/v1/workspaces/{workspace}/deliveries";

/** Lists of values are separated by commas. */
const COMMAS = { array: { style: "form", explode: false } } as const;

/** Maximum number of API pages read for one table page. An API page may be short or empty without being the last. */
const MAX_PAGES_PER_READ = 10;

/** Number of rows above which a live log is polled half as often: with each new row the browser paints all of them. */
const LONG_LOG = 100;

const pollInterval = (size: number) => (size > LONG_LOG ? 2 : 1) * POLL_INTERVAL_MS;

export interface LogPage {
  deliveries: Delivery[];
  /** Cursor of the next page; `null` at the end. An empty page with a cursor may be followed by matches. */
  next: string | null;
}

/** Reads the newest matches from the cursor on. */
export async function search(
  workspace: string,
  filter: ApiFilter,
  cursor: string | undefined,
  size: number,
  signal?: AbortSignal,
): Promise<LogPage> {
  const deliveries: Delivery[] = [];
  let next: string | null = cursor ?? null;
  for (let read = 0; read < MAX_PAGES_PER_READ; read++) {
    const query = { ...filter, limit: size - deliveries.length, ...(next && { cursor: next }) };
    const { data, error } = await api.GET(LOG, {
      params: { path: { workspace }, query },
      querySerializer: COMMAS,
      signal,
    });
    if (error) {
      throw error;
    }
    deliveries.push(...data.deliveries);
    next = data.next;
    if (next === null || deliveries.length >= size) {
      break;
    }
  }
  return { deliveries, next };
}

/** Queries one page of the table, and polls it if `live`. */
export function useLog(
  workspace: string,
  filter: Filter,
  cursor: string | undefined,
  size: number,
  live: boolean,
) {
  // Starts with the API's path, like the keys of the other queries.
  const queryKey = ["get", LOG, workspace, writeFilter(filter), cursor, size];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => search(workspace, apiFilter(filter), cursor, size, signal),
    structuralSharing: (before, latest) => withKnown(before as LogPage | undefined, latest as LogPage),
    refetchInterval: live && pollInterval(size),
    refetchOnWindowFocus: live,
  });
  return { query, queryKey };
}
