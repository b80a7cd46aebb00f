import { useState } from "react";
import { useNotices } from "../shell/notices";
import type { Endpoint } from "./condition";
import {
  changedSettings,
  type Draft,
  fieldsOf,
  isSameSubscription,
  subscriptionOf,
  textErrors,
} from "./settings-draft";
import { fieldErrors, localErrors, subscriptionErrors } from "./settings-errors";
import { useDryRun } from "./use-dry-run";
import { useSettingsChange } from "./use-endpoints";

/** Holds the form's draft and errors, and does what its buttons ask for. */
export function useSettingsDraft(endpoint: Endpoint) {
  const { notify } = useNotices();
  const saving = useSettingsChange(endpoint);
  const trying = useDryRun(endpoint);
  const [draft, setDraft] = useState<Draft>({});
  // Fields that have been checked since the last edit.
  const [checked, setChecked] = useState<"all" | "subscription">();

  const { settings } = endpoint;
  const fields = fieldsOf(settings, draft);
  const changes = changedSettings(settings, draft);
  const dirty = Object.keys(changes).length > 0;
  const tooLong = textErrors(fields);
  const subscription = subscriptionOf(settings, draft);
  const check = { all: localErrors, subscription: subscriptionErrors };
  const found = checked && check[checked](fields, settings.where);
  const { other: dryRunError, ...ofDryRun } = fieldErrors(trying.error, fields, settings.where);

  const clearErrors = (nowChecked?: "all" | "subscription") => {
    setChecked(nowChecked);
    saving.reset();
    trying.clearError();
  };
  const setAndClear = (changed: Draft) => {
    setDraft(changed);
    clearErrors();
  };
  const save = () => {
    clearErrors("all");
    if (localErrors(fields, settings.where) || !dirty || Object.values(tooLong).some(Boolean)) {
      return;
    }
    saving.change(changes, () => {
      setDraft({});
      notify({ id: `settings:${endpoint.endpointID}`, type: "success", content: "Settings saved" });
    });
  };
  const run = () => {
    clearErrors("subscription");
    if (!subscriptionErrors(fields, settings.where)) {
      trying.run(subscription);
    }
  };

  return {
    draft,
    fields,
    dirty,
    tooLong,
    errors: found ?? { ...fieldErrors(saving.error, fields, settings.where), ...ofDryRun },
    edit: (edited: Draft) => setAndClear({ ...draft, ...edited }),
    cancel: () => setAndClear({}),
    save,
    isSaving: saving.isPending,
    dryRun: {
      result: trying.result,
      isStale: !isSameSubscription({ ...subscription, ...trying.tried }, subscription),
      isPending: trying.isPending,
      error: dryRunError,
      onRun: run,
    },
  };
}
