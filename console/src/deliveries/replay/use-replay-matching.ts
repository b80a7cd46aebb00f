import { useEffect, useRef, useState } from "react";
import { useNotices } from "../../shell/notices";
import { useWorkspace } from "../../workspace";
import { apiFilter, type Filter } from "../filter";
import { invalidateDeliveries } from "./invalidate";
import { deliveryCount, NONE_SKIPPED, skippedReasons, sumOf, totalOf } from "./labels";
import { type Counted, count, type Progress, plan, replaySlices, withoutPending } from "./matching";
import type { TimeSlice } from "./time-slices";

type Phase = "counting" | "confirming" | "planning" | "replaying";

/**
 * Runs the steps of a replay by filter. Unmounting stops it and reports the deliveries replayed so far. `prepare` runs
 * before the replay, for instance to re-enable an endpoint.
 */
export function useReplayMatching(filter: Filter, onDone: () => void, prepare?: () => Promise<void>) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  // A relative time is resolved once, so that all steps use the same range.
  const [query] = useState(() => withoutPending(apiFilter(filter)) ?? {});
  const [phase, setPhase] = useState<Phase>("counting");
  const [counted, setCounted] = useState<Counted>();
  const [found, setFound] = useState(0);
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<unknown>();
  const slices = useRef<TimeSlice[]>(undefined);
  const done = useRef<Progress>({ replayed: 0, skipped: NONE_SKIPPED });
  const abort = useRef<AbortController>(undefined);

  /** Runs a step and shows its error, unless the user stopped it. */
  const step = async (run: (signal: AbortSignal) => Promise<void>) => {
    const controller = new AbortController();
    abort.current = controller;
    setError(undefined);
    try {
      await run(controller.signal);
    } catch (problem) {
      if (!controller.signal.aborted) {
        setError(problem);
      }
    }
  };

  const countMatches = () =>
    step(async (signal) => {
      setPhase("counting");
      setCounted(await count(workspace, query, signal));
      setPhase("confirming");
    });

  const runReplay = () =>
    step(async (signal) => {
      if (!slices.current) {
        setPhase("planning");
        await prepare?.();
        slices.current = await plan(workspace, query, setFound, signal);
      }
      setPhase("replaying");
      setProgress(done.current);
      const onProgress = ({ replayed, skipped }: Progress) => {
        done.current = {
          replayed: done.current.replayed + replayed,
          skipped: sumOf(done.current.skipped, skipped),
        };
        setProgress(done.current);
      };
      await replaySlices(workspace, query, slices.current, onProgress, signal);
      onDone();
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once, for the initial filter
  useEffect(() => {
    countMatches();
    return () => {
      abort.current?.abort();
      if (slices.current) {
        notify({ id: "replay matching", ...outcomeNotice(done.current, slices.current.length === 0) });
        invalidateDeliveries();
      }
    };
  }, []);

  return {
    phase,
    counted,
    found,
    progress,
    error,
    start: runReplay,
    retry: () => (phase === "counting" ? countMatches() : runReplay()),
  };
}

/** Describes the result in the user's words: how many were replayed, and why others were not. */
function outcomeNotice({ replayed, skipped }: Progress, whole: boolean) {
  const none = replayed === 0 ? "Nothing was replayed" : `Replayed ${deliveryCount(replayed)}`;
  const reasons = skippedReasons(skipped);
  return {
    type: whole && totalOf(skipped) === 0 ? ("success" as const) : ("warning" as const),
    header: whole ? none : `Stopped. ${none}`,
    content:
      reasons.length === 0
        ? "Receivers get the same webhook-id as before."
        : `Skipped ${reasons.join(" Skipped ")}`,
  };
}
