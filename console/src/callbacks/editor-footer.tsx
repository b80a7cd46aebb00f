import Button from "@cloudscape-design/components/button";
import { DialogButtons } from "../components/dialog-buttons";

interface Props {
  helpOpen: boolean;
  onHelp: () => void;
  onClose: () => void;
  /** Saves; missing if the user may not. */
  onOk: (() => void) | undefined;
  saving: boolean;
}

export function EditorFooter({ helpOpen, onHelp, onClose, onOk, saving }: Props) {
  return (
    <DialogButtons>
      <Button variant="link" ariaExpanded={helpOpen} onClick={onHelp}>
        Help
      </Button>
      <Button onClick={onClose}>Close</Button>
      {onOk && (
        <Button variant="primary" loading={saving} loadingText="Saving" onClick={onOk}>
          OK
        </Button>
      )}
    </DialogButtons>
  );
}
