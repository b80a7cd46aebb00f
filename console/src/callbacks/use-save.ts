import { useState } from "react";
import { query, queryClient } from "../api/client";
import { isProblem, kindOf, type LineProblem } from "../api/problem";
import { useNotices } from "../shell/notices";
import { differing } from "./differences";
import { type Callbacks, type Form, formOf, NONE_REFUSED, type Refused, refusedIn } from "./form";
import { storedCallbacksKey } from "./stored";
import { callingNobody, whatIsOn } from "./words";

/** Somebody else has saved while this was being typed. */
export interface Conflict {
  /** What both had before them. */
  base: Callbacks;
  theirs: Callbacks;
  mine: Form;
}

/** A line of an event type's URLs, counted from 1. */
type Place = Pick<LineProblem, "eventType" | "line">;

interface Options {
  workspace: string;
  /** Reads anew what is stored. */
  reread: () => Promise<{ data?: Callbacks }>;
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

  /** Somebody else was first: shows what they did, if it is not the same. */
  const meet = async (base: Callbacks, mine: Form, error: unknown) => {
    const { data: theirs } = await reread();
    if (!theirs || theirs.version === base.version) {
      setFailure(error);
    } else if (differing(formOf(theirs), mine).length === 0) {
      finish(theirs);
    } else {
      setConflict({ base, theirs, mine });
    }
  };

  const save = async (form: Form, base: Callbacks) => {
    setSaving(true);
    setFailure(undefined);
    setRefused(NONE_REFUSED);
    try {
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
