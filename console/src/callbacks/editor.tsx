import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useEffect } from "react";
import { DialogButtons } from "../components/dialog-buttons";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { EVENT_TYPES } from "../labels/reasons";
import { may, useSession } from "../session/session";
import { damageMessage, REPLACE_WARNING } from "./damage";
import { EventTypeFields, textAreaId } from "./event-type-fields";
import { type Callbacks, isEmpty, rangeOfLine, remainingErrors } from "./form";
import { UnsavedChangesDialog } from "./unsaved-changes-dialog";
import { useDraft } from "./use-draft";
import { useHelp } from "./use-help";
import { type Reread, useSave } from "./use-save";
import { useUnsavedChangesPrompt } from "./use-unsaved-changes-prompt";

// Loaded on demand: most users open neither.
const Help = lazy(() => import("./help"));
const ConflictDialog = lazy(() => import("./conflict"));

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
  const { save, saving, failure, lineErrors, setLineErrors, firstError, conflict, setConflict } = useSave({
    workspace,
    reread,
    done: () => {
      release();
      onClose();
    },
  });
  const { asking, stay, proceed, release } = useUnsavedChangesPrompt(changed);
  const help = useHelp();

  useEffect(() => {
    if (!firstError) {
      return;
    }
    const area = document.getElementById(textAreaId(firstError.eventType));
    if (area instanceof HTMLTextAreaElement) {
      area.focus();
      area.setSelectionRange(...rangeOfLine(area.value, firstError.line));
    }
  }, [firstError]);

  const leaveDialog = asking && <UnsavedChangesDialog onStay={stay} onLeave={proceed} />;
  if (conflict) {
    return (
      <Suspense fallback={<Loading />}>
        <ConflictDialog
          conflict={conflict}
          saving={saving}
          failure={failure}
          onBack={() => setConflict(undefined)}
          onSave={(chosen) => {
            draft.replace({ base: conflict.theirs, form: chosen });
            void save(chosen, conflict.theirs);
          }}
        />
        {leaveDialog}
      </Suspense>
    );
  }

  // Data read before the damage can be saved again without a change.
  const willReplace = changed || (damaged && !isEmpty(form));
  const ok = () => (willReplace ? void save(form, damaged ? { ...base, version: null } : base) : onClose());
  return (
    <>
      <Modal
        visible
        size={help.topic ? "max" : "large"}
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
              <Button variant="primary" loading={saving} loadingText="Saving" onClick={ok}>
                OK
              </Button>
            )}
          </DialogButtons>
        }
      >
        <div className={help.topic && "dialog-with-help"}>
          <SpaceBetween size="l">
            <Box color="text-body-secondary">
              When an instance of the workspace {workspace} changes, each URL of that event gets an HTTP GET.
              It has 10 seconds to answer; an answer of 2xx is a success.
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
                readOnly={readOnly || saving}
                helpOpen={help.topic === eventType}
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
            {failure !== undefined && <ErrorAlert error={failure} />}
          </SpaceBetween>
          {help.topic && (
            <Suspense fallback={<Loading />}>
              <Help topic={help.topic} onClose={help.close} />
            </Suspense>
          )}
        </div>
      </Modal>
      {leaveDialog}
    </>
  );
}
