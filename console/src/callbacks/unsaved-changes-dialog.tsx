import { ConfirmDialog } from "../components/confirm-dialog";

interface Props {
  onStay: () => void;
  onLeave: () => void;
}

/** Asks for confirmation before unsaved changes are discarded. */
export function UnsavedChangesDialog({ onStay, onLeave }: Props) {
  return (
    <ConfirmDialog
      title="Discard changes?"
      cancelText="Keep editing"
      confirmText="Discard changes"
      onCancel={onStay}
      onConfirm={onLeave}
    >
      Your changes to the callback URLs will be lost.
    </ConfirmDialog>
  );
}
