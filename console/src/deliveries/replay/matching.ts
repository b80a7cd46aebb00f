/** Replays everything that a filter matches, in as many calls as it takes. */
import { api } from "../../api/client";
import type { ApiFilter } from "../filter";
import { search } from "../log";
import { type Slice, slices } from "./time-slices";

/** Deliveries of one call: far fewer than the API can replay in the time it has. */
const SIZE = 200;

/** A part that did not fit into one call is called for so many times. */
const CALLS = 5;

/** `pending` is not replayed: it is still to be sent. */
export type ReplayFilter = Omit<ApiFilter, "status"> & { status?: "delivered" | "failed" };

export interface Progress {
  replayed: number;
  skipped: number;
}

/** How many would be replayed; at least so many, when `more`. */
export async function count(workspace: string, filter: ReplayFilter, signal: AbortSignal) {
  const { matched, truncated } = await call(workspace, { ...filter, dryRun: true }, signal);
  return { matched, more: truncated };
}

/** What is replayed: the log as it is now, in parts. `onFound` hears how many were found so far. */
export async function plan(
  workspace: string,
  filter: ReplayFilter,
  onFound: (found: number) => void,
  signal: AbortSignal,
): Promise<Slice[]> {
  const times: string[] = [];
  let cursor: string | undefined;
  do {
    const { deliveries, next } = await search(workspace, filter, cursor, SIZE, signal);
    const over = deliveries.filter(({ status }) => status !== "pending");
    times.push(...over.map(({ changedAt }) => changedAt));
    cursor = next ?? undefined;
    onFound(times.length);
  } while (cursor);
  return slices(times, SIZE);
}

/**
 * The oldest first, so that each instance's go out in order. What is done is taken out of `parts`: called again with the
 * same ones, it goes on where it was interrupted.
 */
export async function replayParts(
  workspace: string,
  filter: ReplayFilter,
  parts: Slice[],
  onProgress: (done: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let part = parts[0]; part; part = parts[0]) {
    await replayPart(workspace, { ...filter, since: part.since, until: part.until }, onProgress, signal);
    parts.shift();
  }
}

async function replayPart(
  workspace: string,
  filter: ReplayFilter,
  onProgress: (done: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let calls = 0; calls < CALLS; calls++) {
    const { replayed, skipped, truncated } = await call(workspace, filter, signal);
    onProgress({ replayed: replayed ?? 0, skipped: skipped ?? 0 });
    if (!truncated) {
      return;
    }
  }
  throw new Error(
    `The service does not get through with what changed from ${filter.since} to ${filter.until}. Try again later, with a narrower filter.`,
  );
}

async function call(workspace: string, body: ReplayFilter & { dryRun?: boolean }, signal: AbortSignal) {
  const { data, error } = await api.POST("/v1/workspaces/{workspace}/deliveries/replay", {
    params: { path: { workspace } },
    body,
    signal,
  });
  if (error) {
    throw error;
  }
  return data;
}
