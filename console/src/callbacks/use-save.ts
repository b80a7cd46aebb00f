import { useState } from "react";
import { query, queryClient } from "../api/client";
import { isProblem, type LineProblem, problemType } from "../api/problem";
import { useNotices } from "../shell/notices";
import { type Callbacks, type Form, type LineErrors, lineErrorsOf, NO_LINE_ERRORS } from "./form";
import { enabledSummary, enabledWithoutUrls } from "./labels";
import { type Conflict, conflictOutcome, type RereadResult } from "./resolve-conflict";
import { storedCallbacksKey } from "./stored";

/** Position of a line: event type, and number from 1. */
type LinePosition = Pick<LineProblem, "eventType" | "line">;

/** Reads the stored callbacks again. */
export type Reread = () => Promise<RereadResult>;

interface Options {
  workspace: string;
  reread: Reread;
  done: () => void;
}

/** Saves all event types, unless another user has changed them since they were read. */
export function useSave({ workspace, reread, done }: Options) {
  const { notify } = useNotices();
  const [lineErrors, setLineErrors] = useState<LineErrors>(NO_LINE_ERRORS);
  const [firstError, setFirstError] = useState<LinePosition>();
  const [conflict, setConflict] = useState<Conflict>();
  const [failure, setFailure] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const put = query.useMutation("put", "/v1/workspaces/{workspace}/callbacks");

  const notifySaved = (callbacks: Callbacks) => {
    const withoutUrl = enabledWithoutUrls(callbacks);
    notify({
      id: "callbacks",
      type: withoutUrl.length > 0 ? "warning" : "success",
      header: "Callback URLs saved",
      content: enabledSummary(callbacks),
    });
  };

  const storeAndClose = (callbacks: Callbacks) => {
    queryClient.setQueryData(storedCallbacksKey(workspace), callbacks);
    notifySaved(callbacks);
    done();
  };

  /** Compares the draft with the stored callbacks and shows the outcome. Returns `true` if they may be replaced. */
  const resolveConflict = async (base: Callbacks, mine: Form, rejection?: unknown) => {
    const result = conflictOutcome(base, mine, await reread(), rejection);
    if (result.outcome === "failure") {
      setFailure(result.error);
    } else if (result.outcome === "same") {
      storeAndClose(result.theirs);
    } else if (result.outcome === "conflict") {
      setConflict(result.conflict);
    }
    return result.outcome === "replace";
  };

  const save = async (form: Form, base: Callbacks) => {
    setSaving(true);
    setFailure(undefined);
    setLineErrors(NO_LINE_ERRORS);
    try {
      if (base.version === null && !(await resolveConflict(base, form))) {
        return;
      }
      storeAndClose(
        await put.mutateAsync({
          params: { path: { workspace } },
          body: { ...form, version: base.version },
        }),
      );
    } catch (error) {
      if (isProblem(error) && error.errors?.length) {
        setConflict(undefined);
        setLineErrors(lineErrorsOf(form, error.errors));
        setFirstError(error.errors[0]);
      } else if (problemType(error) === "precondition-failed") {
        await resolveConflict(base, form, error);
      } else {
        setFailure(error);
      }
    } finally {
      setSaving(false);
    }
  };

  return { save, saving, failure, lineErrors, setLineErrors, firstError, conflict, setConflict };
}
