import { lazy, Suspense, useEffect } from "react";
import { Loading } from "../components/loading";
import { ErrorBoundary } from "../shell/failure";
import type { Callbacks, Form } from "./form";
import type { useSave } from "./use-save";

const importConflict = () => import("./conflict");
const importReplace = () => import("./replace-dialog");

// Loaded on demand: most changes need neither.
const ConflictDialog = lazy(importConflict);
const ReplaceDialog = lazy(importReplace);

interface Props {
  workspace: string;
  saving: ReturnType<typeof useSave>;
  /** `true` if there is something to save. */
  changed: boolean;
  /** Called with the choice in a conflict, which is the draft from then on. */
  onResolve: (draft: { base: Callbacks; form: Form }) => void;
}

/** Shows what has to be answered before the draft is saved: a conflict, or what becomes of removed URLs. */
export function SaveQuestions({ workspace, saving, changed, onResolve }: Props) {
  const { save, failure, conflict, question } = saving;
  useEffect(() => {
    if (changed) {
      // Loaded early, so that a deployment cannot block saving. A failure is shown where the dialog is needed.
      void Promise.all([importConflict(), importReplace()]).catch(() => {});
    }
  }, [changed]);
  return (
    // The keys of these dialogs are their own: Escape must not reach the dialog around them.
    // biome-ignore lint/a11y/noStaticElementInteractions: it handles no key, it only keeps them
    <div onKeyDown={(event) => event.stopPropagation()}>
      <ErrorBoundary key={question || conflict ? "asking" : "editing"}>
        <Suspense fallback={<Loading />}>
          {question && (
            <ReplaceDialog
              affected={question.affected}
              saving={saving.saving}
              failure={failure}
              onCancel={() => saving.setQuestion(undefined)}
              onSave={(replaces) => void save(question.form, question.base, replaces)}
            />
          )}
          {conflict && !question && (
            <ConflictDialog
              workspace={workspace}
              conflict={conflict}
              saving={saving.saving}
              failure={failure}
              onBack={() => saving.setConflict(undefined)}
              onSave={(form) => {
                onResolve({ base: conflict.theirs, form });
                void save(form, conflict.theirs);
              }}
            />
          )}
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}
