/** Replays everything that a filter matches, in as many calls as it takes. */
import { api } from "../../api/client";
import type { ApiFilter } from "../filter";
import { search } from "../log";
import { sliceByTime, type TimeSlice } from "./time-slices";

/** Deliveries of one call: far fewer than the API can replay in the time it has. */
const SLICE_SIZE = 200;

/** A part that did not fit into one call is called for so many times. */
const MAX_CALLS_PER_SLICE = 5;

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
): Promise<TimeSlice[]> {
  const times: string[] = [];
  let cursor: string | undefined;
  do {
    const { deliveries, next } = await search(workspace, filter, cursor, SLICE_SIZE, signal);
    const over = deliveries.filter(({ status }) => status !== "pending");
    times.push(...over.map(({ changedAt }) => changedAt));
    cursor = next ?? undefined;
    onFound(times.length);
  } while (cursor);
  return sliceByTime(times, SLICE_SIZE);
}

/**
 * The oldest first, so that each instance's go out in order. What is done is taken out of `parts`: called again with the
 * same ones, it goes on where it was interrupted.
 */
export async function replaySlices(
  workspace: string,
  filter: ReplayFilter,
  slices: TimeSlice[],
  onProgress: (done: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let slice = slices[0]; slice; slice = slices[0]) {
    await replaySlice(workspace, { ...filter, since: slice.since, until: slice.until }, onProgress, signal);
    slices.shift();
  }
}

async function replaySlice(
  workspace: string,
  filter: ReplayFilter,
  onProgress: (done: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let calls = 0; calls < MAX_CALLS_PER_SLICE; calls++) {
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
