import { useState } from "react";
import { query, queryClient } from "../api/client";
import { isProblem, kindOf, type LineProblem } from "../api/problem";
import { useNotices } from "../shell/notices";
import { type Callbacks, type Form, NONE_REFUSED, type Refused, refusedIn } from "./form";
import { callingNobody, whatIsOn } from "./labels";
import { type Conflict, meetingOf, type ReadAgain } from "./resolve-conflict";
import { storedCallbacksKey } from "./stored";

/** A line of an event type's URLs, counted from 1. */
type Place = Pick<LineProblem, "eventType" | "line">;

/** Reads again what is stored. */
export type Reread = () => Promise<ReadAgain>;

interface Options {
  workspace: string;
  reread: Reread;
  /** Closes the dialog. */
  done: () => void;
}

/** OK: sets all three, unless somebody else has changed them since they were read. */
export function useSave({ workspace, reread, done }: Options) {
  const { notify } = useNotices();
  const [refused, setRefused] = useState<Refused>(NONE_REFUSED);
  const [firstRefused, setFirstRefused] = useState<Place>();
  const [conflict, setConflict] = useState<Conflict>();
  const [failure, setFailure] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const put = query.useMutation("put", "/v1/workspaces/{workspace}/callbacks");

  const tell = (callbacks: Callbacks) => {
    const nobody = callingNobody(callbacks);
    notify({
      id: "callbacks",
      type: nobody.length > 0 ? "warning" : "success",
      header: "Callback URLs saved",
      content: whatIsOn(callbacks),
    });
  };

  const finish = (callbacks: Callbacks) => {
    queryClient.setQueryData(storedCallbacksKey(workspace), callbacks);
    tell(callbacks);
    done();
  };

  /** Shows what is stored by now, if that is not the same. Returns whether it may be replaced. */
  const meet = async (base: Callbacks, mine: Form, rejection?: unknown) => {
    const met = meetingOf(base, mine, await reread(), rejection);
    if (met.outcome === "failure") {
      setFailure(met.error);
    } else if (met.outcome === "same") {
      finish(met.theirs);
    } else if (met.outcome === "conflict") {
      setConflict(met.conflict);
    }
    return met.outcome === "replace";
  };

  const save = async (form: Form, base: Callbacks) => {
    setSaving(true);
    setFailure(undefined);
    setRefused(NONE_REFUSED);
    try {
      if (base.version === null && !(await meet(base, form))) {
        return;
      }
      finish(
        await put.mutateAsync({
          params: { path: { workspace } },
          body: { ...form, version: base.version },
        }),
      );
    } catch (error) {
      if (isProblem(error) && error.errors?.length) {
        setConflict(undefined);
        setRefused(refusedIn(form, error.errors));
        setFirstRefused(error.errors[0]);
      } else if (kindOf(error) === "precondition-failed") {
        await meet(base, form, error);
      } else {
        setFailure(error);
      }
    } finally {
      setSaving(false);
    }
  };

  return { save, saving, failure, refused, setRefused, firstRefused, conflict, setConflict };
}
