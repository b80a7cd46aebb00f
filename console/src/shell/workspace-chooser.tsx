import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import { useState } from "react";
import { useNavigate } from "react-router";
import { DialogButtons } from "../components/dialog-buttons";
import { pathsOf } from "../paths";

/** Asks for a workspace by name: whoever may see all of them has no list of them. */
export function WorkspaceChooser({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const navigate = useNavigate();
  const open = () => {
    navigate(pathsOf(name.trim()).overview);
    onClose();
  };
  return (
    <Modal
      visible
      header="Another workspace"
      onDismiss={onClose}
      footer={
        <DialogButtons>
          <Button onClick={onClose}>Close</Button>
          <Button variant="primary" disabled={!name.trim()} onClick={open}>
            Open
          </Button>
        </DialogButtons>
      }
    >
      <FormField
        label="Workspace"
        description="As the instances name it. Those that name none belong to default."
      >
        <Input
          value={name}
          autoFocus
          onChange={({ detail }) => setName(detail.value)}
          onKeyDown={({ detail }) => detail.key === "Enter" && name.trim() && open()}
        />
      </FormField>
    </Modal>
  );
}
