import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import { DialogButtons } from "../components/dialog-buttons";

/** Asks whether what was changed may be lost. */
export function UnsavedChangesDialog({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  return (
    <Modal
      visible
      size="small"
      header="Leave without saving?"
      closeAriaLabel="Keep editing"
      onDismiss={onStay}
      footer={
        <DialogButtons>
          <Button onClick={onStay}>Keep editing</Button>
          <Button variant="primary" onClick={onLeave}>
            Leave
          </Button>
        </DialogButtons>
      }
    >
      What you have changed in the callback URLs is lost then.
    </Modal>
  );
}
