import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ComponentProps, lazy, Suspense, useEffect, useState } from "react";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { EVENT_TYPES } from "../labels/reasons";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { ErrorBoundary } from "../shell/failure";
import { EditorFooter } from "./editor-footer";
import { EditorNotes } from "./editor-notes";
import { EventTypeFields } from "./event-type-fields";
import {
  type Callbacks,
  type EventType,
  each,
  type Form,
  isEmpty,
  rangeOfLine,
  remainingErrors,
} from "./form";
import { SaveQuestions } from "./save-questions";
import { UnsavedChangesDialog } from "./unsaved-changes-dialog";
import { selectLine } from "./url-editor";
import { useDraft } from "./use-draft";
import { useHelp } from "./use-help";
import { type LinePosition, type Reread, useSave } from "./use-save";
import { useUnsavedChangesPrompt } from "./use-unsaved-changes-prompt";

// Loaded on demand: most users do not open it.
const Help = lazy(() => import("./help"));

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
  const { expanded, expand } = useExpanded(firstError, form);

  // Data read before the damage can be saved again without a change.
  const willReplace = changed || (damaged && !isEmpty(form));
  const ok = () => (willReplace ? void save(form, damaged ? { ...base, version: null } : base) : onClose());
  const change = (eventType: EventType, fields: Parameters<typeof draft.change>[1]) => {
    draft.change(eventType, fields);
    if (fields.urls !== undefined && lineErrors[eventType].length > 0) {
      const left = remainingErrors(lineErrors[eventType], fields.urls);
      setLineErrors({ ...lineErrors, [eventType]: left });
    }
  };
  return (
    <>
      <Modal
        visible
        size={help.topic ? "max" : "x-large"}
        position="top"
        header={VIEWS.callbacks.title}
        onDismiss={onClose}
        footer={
          <EditorFooter
            helpOpen={help.topic === "receivers"}
            onHelp={() => help.toggle("receivers")}
            onClose={onClose}
            onOk={readOnly ? undefined : ok}
            saving={saving.saving}
          />
        }
      >
        <div className={help.topic && "dialog-with-help"}>
          <SpaceBetween size="m">
            <EditorNotes workspace={workspace} damaged={damaged} readOnly={readOnly} />
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
                onExpand={(open) => expand(eventType, open)}
                onChange={(fields) => change(eventType, fields)}
                onHelp={() => help.toggle(eventType)}
              />
            ))}
            {failure !== undefined && !question && !conflict && <ErrorAlert error={failure} />}
            <SaveQuestions
              workspace={workspace}
              saving={saving}
              changed={changed}
              onResolve={draft.replace}
            />
          </SpaceBetween>
          {help.topic && <HelpBeside topic={help.topic} onClose={help.close} />}
        </div>
      </Modal>
      {asking && <UnsavedChangesDialog onStay={stay} onLeave={proceed} />}
    </>
  );
}

function HelpBeside(props: ComponentProps<typeof Help>) {
  return (
    <ErrorBoundary>
      <Suspense fallback={<Loading />}>
        <Help {...props} />
      </Suspense>
    </ErrorBoundary>
  );
}

/** Returns which lists of URLs are expanded. The list of a rejected line is, and the line is selected. */
function useExpanded(firstError: LinePosition | undefined, form: Form) {
  const [expanded, setExpanded] = useState(each(() => true));
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

  return {
    expanded,
    expand: (eventType: EventType, open: boolean) => setExpanded({ ...expanded, [eventType]: open }),
  };
}
