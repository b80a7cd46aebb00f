import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { DialogButtons } from "../components/dialog-buttons";
import { ErrorAlert } from "../components/error-alert";
import { changedBy, differing, type Side } from "./differences";
import { type EventType, each, type Form, formOf } from "./form";
import type { Conflict } from "./resolve-conflict";
import { SideBySide } from "./side-by-side";

interface Props {
  conflict: Conflict;
  saving: boolean;
  failure: unknown;
  /** Goes back to the editor without saving. */
  onBack: () => void;
  onSave: (chosen: Form) => void;
}

type Choices = Partial<Record<EventType, Side>>;

/** Shows the saved callbacks beside the unsaved ones and asks which to keep. */
export default function ConflictDialog({ conflict, saving, failure, onBack, onSave }: Props) {
  const { mine } = conflict;
  const [base, theirs] = [formOf(conflict.base), formOf(conflict.theirs)];
  const different = differing(theirs, mine);
  const [chosen, setChosen] = useState<Choices>({});
  const [submitted, setSubmitted] = useState(false);

  const changedSide = (eventType: EventType) =>
    changedBy(base[eventType], theirs[eventType], mine[eventType]);
  /** A change on one side only is preselected. If both sides changed, the user chooses. */
  const choice = (eventType: EventType): Side | undefined => {
    const one = changedSide(eventType);
    return chosen[eventType] ?? (one === "both" ? undefined : one);
  };
  const save = () => {
    if (different.every((eventType) => choice(eventType))) {
      onSave(each((eventType) => (choice(eventType) === "theirs" ? theirs : mine)[eventType]));
    } else {
      setSubmitted(true);
    }
  };

  return (
    <Modal
      visible
      size="max"
      position="top"
      header="Another user has changed the callback URLs"
      closeAriaLabel="Back to editing"
      onDismiss={onBack}
      footer={
        <DialogButtons>
          <Button onClick={onBack}>Back to editing</Button>
          <Button variant="primary" loading={saving} loadingText="Saving" onClick={save}>
            Save this
          </Button>
        </DialogButtons>
      }
    >
      <SpaceBetween size="l">
        <Box color="text-body-secondary">
          They saved while you were editing. Nothing is lost or overwritten yet: choose which version to keep.
        </Box>
        {different.map((eventType) => (
          <SideBySide
            key={eventType}
            eventType={eventType}
            theirs={theirs[eventType]}
            mine={mine[eventType]}
            changedBy={changedSide(eventType)}
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
