import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ConfirmDialog } from "../components/confirm-dialog";
import { pathsOf } from "../paths";

/** Asks for the name of a workspace: users with access to all workspaces have no list of them. */
export function WorkspaceChooser({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const navigate = useNavigate();
  const open = () => {
    navigate(pathsOf(name.trim()).overview);
    onClose();
  };
  return (
    <ConfirmDialog
      title="Another workspace"
      cancelText="Close"
      confirmText="Open"
      disabled={!name.trim()}
      onCancel={onClose}
      onConfirm={open}
    >
      <FormField
        label="Workspace"
        description="The workspaceID of its instances. Instances without one belong to default."
      >
        <Input
          value={name}
          onChange={({ detail }) => setName(detail.value)}
          onKeyDown={({ detail }) => detail.key === "Enter" && name.trim() && open()}
        />
      </FormField>
    </ConfirmDialog>
  );
}
