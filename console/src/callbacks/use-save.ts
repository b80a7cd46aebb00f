import { useState } from "react";
import { api, query, queryClient } from "../api/client";
import { isProblem, type LineProblem, problemType } from "../api/problem";
import { type Callbacks, type Form, type LineErrors, lineErrorsOf, NO_LINE_ERRORS } from "./form";
import { type Affected, affectedEndpoints, callsLess } from "./replaced";
import { type Conflict, conflictOutcome, type RereadResult } from "./resolve-conflict";
import { storedCallbacksKey } from "./stored";
import { useSavedNotice } from "./use-saved-notice";

/** Position of a line: event type, and number from 1. */
export type LinePosition = Pick<LineProblem, "eventType" | "line">;

/** Reads the stored callbacks again. */
export type Reread = () => Promise<RereadResult>;

interface Options {
  workspace: string;
  reread: Reread;
  done: () => void;
}

/** A draft that waits for the answer to what becomes of the removed URLs. */
interface Question {
  affected: Affected[];
  form: Form;
  base: Callbacks;
}

type Replaces = Record<string, string>;

/** Saves all event types, unless another user has changed them since they were read. */
export function useSave({ workspace, reread, done }: Options) {
  const notifySaved = useSavedNotice(workspace);
  const [lineErrors, setLineErrors] = useState<LineErrors>(NO_LINE_ERRORS);
  const [firstError, setFirstError] = useState<LinePosition>();
  const [conflict, setConflict] = useState<Conflict>();
  const [question, setQuestion] = useState<Question>();
  const [failure, setFailure] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const put = query.useMutation("put", "/v1/workspaces/{workspace}/callbacks");

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
      setQuestion(undefined);
    }
    return result.outcome === "replace";
  };

  /** Asks what becomes of the URLs that the draft removes. Returns `true` if nothing is left of them. */
  const nothingIsLeft = async (form: Form, base: Callbacks) => {
    const affected = callsLess(base, form)
      ? affectedEndpoints(base, form, await readEndpoints(workspace))
      : [];
    if (affected.length > 0) {
      setQuestion({ affected, form, base });
    }
    return affected.length === 0;
  };

  const showError = async (error: unknown, form: Form, base: Callbacks) => {
    if (isProblem(error) && error.errors?.length) {
      setConflict(undefined);
      setQuestion(undefined);
      setLineErrors(lineErrorsOf(form, error.errors));
      setFirstError(error.errors[0]);
    } else if (problemType(error) === "precondition-failed") {
      await resolveConflict(base, form, error);
    } else {
      setFailure(error);
    }
  };

  const save = async (form: Form, base: Callbacks, replaces?: Replaces) => {
    setSaving(true);
    setFailure(undefined);
    setLineErrors(NO_LINE_ERRORS);
    try {
      const ready =
        base.version === null
          ? await resolveConflict(base, form)
          : replaces !== undefined || (await nothingIsLeft(form, base));
      if (ready) {
        const body = { ...form, version: base.version, ...(replaces && { replaces }) };
        storeAndClose(await put.mutateAsync({ params: { path: { workspace } }, body }));
      }
    } catch (error) {
      await showError(error, form, base);
    } finally {
      setSaving(false);
    }
  };

  return {
    save,
    saving,
    failure,
    lineErrors,
    setLineErrors,
    firstError,
    conflict,
    setConflict,
    question,
    setQuestion,
  };
}

async function readEndpoints(workspace: string) {
  const { data, error } = await api.GET("/v1/workspaces/{workspace}/endpoints", {
    params: { path: { workspace } },
  });
  if (!data) {
    throw error;
  }
  return data.endpoints;
}
