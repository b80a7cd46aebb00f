import { api, type Schemas } from "../../api/client";
import type { ApiFilter } from "../filter";
import { search } from "../log";
import type { Skipped } from "./labels";
import { sliceByTime, type TimeSlice } from "./time-slices";

/** Deliveries per call: far fewer than the API can replay within its time limit. */
const SLICE_SIZE = 200;

/** Maximum number of calls for a slice that one call did not complete. */
const MAX_CALLS_PER_SLICE = 5;

/** Filter of a replay. Pending deliveries cannot be replayed. */
export type ReplayFilter = Omit<ApiFilter, "status"> & { status?: Exclude<Schemas["Status"], "pending">[] };

export interface Progress {
  replayed: number;
  skipped: Skipped;
}

/** Result of a dry run. */
export interface Counted {
  matched: number;
  replayable: number;
  skipped: Skipped;
  /** Whether there are more than counted. */
  more: boolean;
}

/** Returns the filter without pending deliveries, or `undefined` if it is for these alone. */
export function withoutPending({ status, ...filter }: ApiFilter): ReplayFilter | undefined {
  const completed = status?.filter((one) => one !== "pending");
  if (completed?.length === 0) {
    return undefined;
  }
  return { ...filter, ...(completed && { status: completed }) };
}

/** Counts the matches, and those that can be replayed now. */
export async function count(workspace: string, filter: ReplayFilter, signal: AbortSignal): Promise<Counted> {
  const result = await call(workspace, { ...filter, dryRun: true }, signal);
  const { matched, replayable, skippedByReason, truncated } = result;
  return { matched, replayable: replayable ?? 0, skipped: skippedByReason, more: truncated };
}

/** Reads the matching deliveries and splits them into slices. `onFound` gets the number found so far. */
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
    const completed = deliveries.filter(({ status }) => status !== "pending");
    times.push(...completed.map(({ changedAt }) => changedAt));
    cursor = next ?? undefined;
    onFound(times.length);
  } while (cursor);
  return sliceByTime(times, SLICE_SIZE);
}

/**
 * Replays the slices, the oldest first, so that the order per instance is kept. Completed slices are removed from
 * `slices`, so that another call continues after an interruption.
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
    const { replayed, skippedByReason, truncated } = await call(workspace, filter, signal);
    onProgress({ replayed: replayed ?? 0, skipped: skippedByReason });
    if (!truncated) {
      return;
    }
  }
  throw new Error(
    `The service could not replay the deliveries from ${filter.since} to ${filter.until} within ${MAX_CALLS_PER_SLICE} calls. Try again later, or with a narrower filter.`,
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
