import { useQuery } from "@tanstack/react-query";
import { api, POLL_INTERVAL_MS, type Schemas } from "../api/client";
import { type ApiFilter, apiFilter, type Filter, writeFilter } from "./filter";

export type Delivery = Schemas["DeliveryBody"];

const LOG = "/v1/workspaces/{workspace}/deliveries";

/** A page of the API may be short or empty and not be the last. So many are read for one of the table. */
const MAX_PAGES_PER_READ = 10;

export interface LogPage {
  deliveries: Delivery[];
  /** Where it goes on; null at the end. Nothing found and not null: there may be more, further back. */
  next: string | null;
}

/** The newest that match, from the cursor on. */
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
    const { data, error } = await api.GET(LOG, { params: { path: { workspace }, query }, signal });
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

/** One page of the table; `live` reads it again and again. */
export function useLog(
  workspace: string,
  filter: Filter,
  cursor: string | undefined,
  size: number,
  live: boolean,
) {
  return useQuery({
    // By the API's path, as the other queries are.
    queryKey: ["get", LOG, workspace, writeFilter(filter), cursor, size],
    queryFn: ({ signal }) => search(workspace, apiFilter(filter), cursor, size, signal),
    refetchInterval: live && POLL_INTERVAL_MS,
    refetchOnWindowFocus: live,
  });
}
