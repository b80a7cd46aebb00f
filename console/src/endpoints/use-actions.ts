import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import { errorMessage } from "../api/problem";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";
import { actionNotice, doneText, type Failure, outcomesNotice, resumedText } from "./action-texts";
import type { Action } from "./actions";
import type { Endpoint } from "./condition";
import { retryOutcome } from "./watch-retry";

/** Number of endpoints changed at once. */
const CONCURRENT = 4;

const ITEM = "/v1/workspaces/{workspace}/endpoints/{endpointID}";

/** Applies an action to endpoints, and shows the result. */
export function useActions() {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const client = useQueryClient();
  const [running, setRunning] = useState<Action>();
  const refresh = () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/workspaces/{workspace}/"),
    });

  const run = async (action: Action, endpoints: Endpoint[], pausedUntil?: string) => {
    const id = `${action}:${endpoints.map(({ endpointID }) => endpointID).join()}`;
    setRunning(action);
    const { changed, failures } = await applyAll(workspace, action, endpoints, pausedUntil);
    setRunning(undefined);
    refresh();
    if (failures.length > 0 || changed.length === 0) {
      notify({ id, ...actionNotice(action, changed.length, failures) });
      return;
    }
    const probed = changed.filter(({ now }) => now.health.state === "failing" && now.backlog.pending > 0);
    if (action === "pause" || action === "resume" || probed.length === 0) {
      const content =
        action === "pause" || action === "resume"
          ? doneText(action, endpoints, pausedUntil)
          : resumedText(action, changed);
      notify({ id, type: "success", content });
      return;
    }
    notify({ id, type: "info", loading: true, content: doneText(action, endpoints) });
    const outcomes = await Promise.all(
      probed.map(async ({ before, now }) => ({ before, outcome: await retryOutcome(workspace, now) })),
    );
    notify({ id, ...outcomesNotice(outcomes) });
    refresh();
  };
  return { run, running };
}

interface Changed {
  before: Endpoint;
  now: Endpoint;
}

async function applyAll(workspace: string, action: Action, endpoints: Endpoint[], pausedUntil?: string) {
  const left = [...endpoints];
  const changed: Changed[] = [];
  const failures: Failure[] = [];
  const worker = async () => {
    for (let before = left.shift(); before; before = left.shift()) {
      try {
        changed.push({ before, now: await apply(workspace, action, before, pausedUntil) });
      } catch (error) {
        const { title, detail } = errorMessage(error);
        failures.push({ endpoint: before, title, detail });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  return { changed, failures };
}

/** Calls the API. Throws its problem. */
async function apply(
  workspace: string,
  action: Action,
  { endpointID }: Endpoint,
  pausedUntil?: string,
): Promise<Endpoint> {
  const params = { path: { workspace, endpointID } };
  const { data, error } =
    action === "pause" || action === "resume"
      ? await api.PATCH(ITEM, {
          params,
          body: { paused: action === "pause", ...(pausedUntil && { pausedUntil }) },
        })
      : await api.POST(`${ITEM}/resume`, { params });
  if (!data) {
    throw error;
  }
  return data;
}
