import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useEffect, useState } from "react";
import { DialogButtons } from "../components/dialog-buttons";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { EVENT_TYPES } from "../labels/reasons";
import { may, useSession } from "../session/session";
import { ErrorBoundary } from "../shell/failure";
import { damageMessage, REPLACE_WARNING } from "./damage";
import { EventTypeFields } from "./event-type-fields";
import { type Callbacks, each, isEmpty, rangeOfLine, remainingErrors } from "./form";
import { UnsavedChangesDialog } from "./unsaved-changes-dialog";
import { selectLine } from "./url-editor";
import { useDraft } from "./use-draft";
import { useHelp } from "./use-help";
import { type Reread, useSave } from "./use-save";
import { useUnsavedChangesPrompt } from "./use-unsaved-changes-prompt";

const importConflict = () => import("./conflict");
const importReplace = () => import("./replace-dialog");

// Loaded on demand: most users open none of them.
const Help = lazy(() => import("./help"));
const ConflictDialog = lazy(importConflict);
const ReplaceDialog = lazy(importReplace);

interface Props {
  workspace: string;
  stored: Callbacks;
  /** `true` if the stored callbacks cannot be read. Saving then replaces them. */
  damaged: boolean;
  reread: Reread;
  onClose: () => void;
}

/** Shows the dialog with the fields of all event types. */
export function Editor({ workspace, stored, damaged, reread, onClose }: Props) {
  const readOnly = !may(useSession(), workspace, "callbacks:write");
  const draft = useDraft(stored);
  const { base, form, changed } = draft;
  const { asking, stay, proceed, release } = useUnsavedChangesPrompt(changed);
  const saving = useSave({
    workspace,
    reread,
    done: () => {
      release();
      onClose();
    },
  });
  const { save, failure, lineErrors, setLineErrors, firstError, conflict, question } = saving;
  const help = useHelp();
  const [expanded, setExpanded] = useState(each(() => true));
  usePreloadedDialogs(changed);

  useEffect(() => {
    if (firstError) {
      setExpanded((all) => ({ ...all, [firstError.eventType]: true }));
    }
  }, [firstError]);
  // A hidden text area takes no focus: it is expanded first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the line is selected once, not after each change
  useEffect(() => {
    if (firstError && expanded[firstError.eventType]) {
      const { eventType, line } = firstError;
      selectLine(eventType, rangeOfLine(form[eventType].urls, line));
    }
  }, [firstError, firstError && expanded[firstError.eventType]]);

  const questionDialog = question ? (
    <ReplaceDialog
      affected={question.affected}
      saving={saving.saving}
      failure={failure}
      onCancel={() => saving.setQuestion(undefined)}
      onSave={(replaces) => void save(question.form, question.base, replaces)}
    />
  ) : (
    conflict && (
      <ConflictDialog
        workspace={workspace}
        conflict={conflict}
        saving={saving.saving}
        failure={failure}
        onBack={() => saving.setConflict(undefined)}
        onSave={(chosen) => {
          draft.replace({ base: conflict.theirs, form: chosen });
          void save(chosen, conflict.theirs);
        }}
      />
    )
  );

  // Data read before the damage can be saved again without a change.
  const willReplace = changed || (damaged && !isEmpty(form));
  const ok = () => (willReplace ? void save(form, damaged ? { ...base, version: null } : base) : onClose());
  return (
    <>
      <Modal
        visible
        size={help.topic ? "max" : "x-large"}
        position="top"
        header="Instance Callback URLs"
        onDismiss={onClose}
        footer={
          <DialogButtons>
            <Button
              variant="link"
              ariaExpanded={help.topic === "receivers"}
              onClick={() => help.toggle("receivers")}
            >
              Help
            </Button>
            <Button onClick={onClose}>Close</Button>
            {!readOnly && (
              <Button variant="primary" loading={saving.saving} loadingText="Saving" onClick={ok}>
                OK
              </Button>
            )}
          </DialogButtons>
        }
      >
        <div className={help.topic && "dialog-with-help"}>
          <SpaceBetween size="m">
            <Box color="text-body-secondary">
              When an instance of the workspace {workspace} changes, we send an HTTP GET to every URL of that
              event. Respond with 2xx within 10 seconds.
            </Box>
            {damaged && (
              <Alert
                type="warning"
                statusIconAriaLabel="Warning"
                header={damageMessage(workspace, !readOnly).title}
              >
                {readOnly ? damageMessage(workspace, false).detail : REPLACE_WARNING}
              </Alert>
            )}
            {readOnly && (
              <Alert type="info" statusIconAriaLabel="Info">
                You have read-only access to these callbacks.
              </Alert>
            )}
            {EVENT_TYPES.map((eventType) => (
              <EventTypeFields
                key={eventType}
                workspace={workspace}
                eventType={eventType}
                fields={form[eventType]}
                errors={lineErrors[eventType]}
                readOnly={readOnly || saving.saving}
                expanded={expanded[eventType]}
                helpOpen={help.topic === eventType}
                onExpand={(open) => setExpanded({ ...expanded, [eventType]: open })}
                onChange={(fields) => {
                  draft.change(eventType, fields);
                  if (fields.urls !== undefined && lineErrors[eventType].length > 0) {
                    const left = remainingErrors(lineErrors[eventType], fields.urls);
                    setLineErrors({ ...lineErrors, [eventType]: left });
                  }
                }}
                onHelp={() => help.toggle(eventType)}
              />
            ))}
            {failure !== undefined && !question && !conflict && <ErrorAlert error={failure} />}
            <ErrorBoundary key={question || conflict ? "asking" : "editing"}>
              <Suspense fallback={<Loading />}>{questionDialog}</Suspense>
            </ErrorBoundary>
          </SpaceBetween>
          {help.topic && (
            <ErrorBoundary>
              <Suspense fallback={<Loading />}>
                <Help topic={help.topic} onClose={help.close} />
              </Suspense>
            </ErrorBoundary>
          )}
        </div>
      </Modal>
      {asking && <UnsavedChangesDialog onStay={stay} onLeave={proceed} />}
    </>
  );
}

/** Loads the dialogs that saving may need once there is something to save, so that a deployment cannot block saving. */
function usePreloadedDialogs(changed: boolean) {
  useEffect(() => {
    if (changed) {
      // A failure is shown where the dialog is needed.
      void Promise.all([importConflict(), importReplace()]).catch(() => {});
    }
  }, [changed]);
}
