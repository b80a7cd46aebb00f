import { useEffect, useRef, useState } from "react";
import { api, type Schemas } from "../api/client";
import { isProblem, problemType } from "../api/problem";
import type { EventType } from "./form";
import { normalUrl } from "./urls";

/** Number of URLs that the API tests in one call. */
const MAX_URLS_PER_CALL = 50;

/** A test call of one URL: in progress, done, or not made. */
export type UrlTest =
  | { state: "pending" }
  | { state: "done"; result: Schemas["TestResult"] }
  | { state: "not-called"; error: unknown };

/** Test calls of an event type's URLs. They follow the URLs when lines move. */
export function useUrlTests(workspace: string, eventType: EventType) {
  const [tests, setTests] = useState<ReadonlyMap<string, UrlTest>>(new Map());
  const [testingAll, setTestingAll] = useState(false);
  /** Seconds until the API's limit of test calls allows the next one. */
  const [waitSeconds, setWaitSeconds] = useState<number>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const note = (urls: string[], test: (index: number) => UrlTest) =>
    setTests((all) => new Map([...all, ...urls.map((url, index) => [url, test(index)] as const)]));

  const testOne = async (url: string) => {
    note([url], () => ({ state: "pending" }));
    const outcome = await callTest(workspace, eventType, [url]);
    note([url], () =>
      outcome.results?.[0]
        ? { state: "done", result: outcome.results[0] }
        : { state: "not-called", error: outcome.error },
    );
  };

  /** Tests the URLs in as few calls as possible: URLs that the API rejects are left out, and its limit is waited for. */
  const testAll = async (given: string[]) => {
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    const { signal } = controller;
    let urls = distinct(given);
    setTestingAll(true);
    note(urls, () => ({ state: "pending" }));
    while (urls.length > 0 && !signal.aborted) {
      const part = urls.slice(0, MAX_URLS_PER_CALL);
      const { results, error, retryAfterSeconds } = await callTest(workspace, eventType, part);
      if (signal.aborted) {
        break;
      }
      const rejected = rejectedLines(error);
      if (results) {
        note(part, (index) => ({ state: "done", result: results[index] as Schemas["TestResult"] }));
        urls = urls.slice(part.length);
      } else if (retryAfterSeconds !== undefined) {
        await countDown(retryAfterSeconds, setWaitSeconds, signal);
      } else if (rejected.size > 0) {
        const bad = part.filter((_, index) => rejected.has(index + 1));
        note(bad, () => ({ state: "not-called", error }));
        urls = urls.filter((url) => !bad.includes(url));
      } else {
        note(urls, () => ({ state: "not-called", error }));
        urls = [];
      }
    }
    if (!signal.aborted) {
      setTestingAll(false);
    }
  };

  const stop = () => {
    abort.current?.abort();
    setTestingAll(false);
    setWaitSeconds(undefined);
    setTests((all) => new Map([...all].filter(([, { state }]) => state !== "pending")));
  };

  return { tests, testOne, testAll, testingAll, waitSeconds, stop };
}

interface CallOutcome {
  results?: Schemas["TestResult"][];
  error?: unknown;
  /** Time after which the call may be repeated, in seconds. Given if the limit of test calls is reached. */
  retryAfterSeconds?: number;
}

async function callTest(workspace: string, eventType: EventType, urls: string[]): Promise<CallOutcome> {
  try {
    const { data, error, response } = await api.POST(
      "/v1/workspaces/{workspace}/callbacks/{eventType}/test",
      {
        params: { path: { workspace, eventType } },
        body: { urls },
      },
    );
    const retryAfter = Number(response.headers.get("retry-after"));
    return {
      results: data?.results,
      error,
      retryAfterSeconds: problemType(error) === "too-many-test-calls" ? Math.max(retryAfter, 1) : undefined,
    };
  } catch (error) {
    return { error };
  }
}

const rejectedLines = (error: unknown): Set<number> =>
  new Set(isProblem(error) ? error.errors?.map(({ line }) => line) : []);

/** Returns each URL once, as the API counts its results. */
const distinct = (urls: string[]) => [...new Map(urls.map((url) => [normalUrl(url), url])).values()];

/** Counts the seconds down to zero, and resolves then or when the signal aborts it. */
function countDown(seconds: number, show: (left: number | undefined) => void, signal: AbortSignal) {
  return new Promise<void>((resolve) => {
    const end = Date.now() + seconds * 1_000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1_000);
      show(left > 0 && !signal.aborted ? left : undefined);
      if (left <= 0 || signal.aborted) {
        clearInterval(timer);
        resolve();
      }
    };
    const timer = setInterval(tick, 1_000);
    tick();
  });
}
