import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { DialogButtons } from "../components/dialog-buttons";
import { ErrorAlert } from "../components/error-alert";
import { RelativeTime } from "../components/time";
import { choicesFor } from "./conflict-choices";
import { type Choice, differing } from "./differences";
import { type EventType, each, type Form, formOf } from "./form";
import type { Conflict } from "./resolve-conflict";
import { SideBySide } from "./side-by-side";
import { useAuthor } from "./use-author";

interface Props {
  workspace: string;
  conflict: Conflict;
  saving: boolean;
  failure: unknown;
  /** Goes back to the editor without saving. */
  onBack: () => void;
  onSave: (chosen: Form) => void;
}

/** Shows the saved callbacks beside the unsaved ones and asks which to keep. */
export default function ConflictDialog({ workspace, conflict, saving, failure, onBack, onSave }: Props) {
  const { mine } = conflict;
  const [base, theirs] = [formOf(conflict.base), formOf(conflict.theirs)];
  const different = differing(theirs, mine);
  const choices = each((eventType) => choicesFor(base[eventType], theirs[eventType], mine[eventType]));
  const [chosen, setChosen] = useState<Partial<Record<EventType, Choice>>>({});
  const [submitted, setSubmitted] = useState(false);
  const author = useAuthor(workspace);

  const choice = (eventType: EventType) => chosen[eventType] ?? choices[eventType].preselected;
  const save = () => {
    if (different.every((eventType) => choice(eventType))) {
      onSave(each((eventType) => choices[eventType][choice(eventType) ?? "mine"] ?? mine[eventType]));
    } else {
      setSubmitted(true);
    }
  };

  return (
    <Modal
      visible
      size="max"
      position="top"
      header="The callback URLs were changed while you were editing"
      closeAriaLabel="Back to editing"
      onDismiss={onBack}
      footer={
        <DialogButtons>
          <Button onClick={onBack}>Back to editing</Button>
          <Button variant="primary" loading={saving} loadingText="Saving" onClick={save}>
            Save
          </Button>
        </DialogButtons>
      }
    >
      <SpaceBetween size="l">
        <Box color="text-body-secondary">
          {author ? (
            <>
              {author.name} saved changes <RelativeTime at={author.at} />.
            </>
          ) : (
            "Another user saved changes."
          )}{" "}
          Choose what to keep.
        </Box>
        {different.map((eventType) => (
          <SideBySide
            key={eventType}
            eventType={eventType}
            choices={choices[eventType]}
            choice={choice(eventType)}
            missing={submitted && !choice(eventType)}
            onChoose={(side) => setChosen({ ...chosen, [eventType]: side })}
          />
        ))}
        {failure !== undefined && <ErrorAlert error={failure} />}
      </SpaceBetween>
    </Modal>
  );
}
