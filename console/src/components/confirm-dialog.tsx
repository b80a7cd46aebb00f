import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import type { ReactNode } from "react";
import { DialogButtons } from "./dialog-buttons";
import { FocusFirstField } from "./focus-first-field";

interface Props {
  title: string;
  cancelText?: string;
  confirmText: string;
  disabled?: boolean;
  /** `true` while the confirmed action runs. */
  loading?: boolean;
  onCancel: () => void;
  onConfirm: () => void;
  children: ReactNode;
}

/** A dialog with two ways out: cancel, or confirm its one action. If it has a field, that has the focus. */
export function ConfirmDialog(props: Props) {
  const {
    title,
    cancelText = "Cancel",
    confirmText,
    disabled,
    loading,
    onCancel,
    onConfirm,
    children,
  } = props;
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel={cancelText}
      onDismiss={onCancel}
      footer={
        <DialogButtons>
          <Button variant="link" onClick={onCancel}>
            {cancelText}
          </Button>
          <Button variant="primary" disabled={disabled} loading={loading} onClick={onConfirm}>
            {confirmText}
          </Button>
        </DialogButtons>
      }
    >
      <FocusFirstField>{children}</FocusFirstField>
    </Modal>
  );
}
