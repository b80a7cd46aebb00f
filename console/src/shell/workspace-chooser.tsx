import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../api/client";
import { ConfirmDialog } from "../components/confirm-dialog";
import { pathsOf } from "../paths";

/** Asks for the name of a workspace: users with access to all workspaces have no list of them. */
export function WorkspaceChooser({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const navigate = useNavigate();
  const name = typed.trim();
  const go = () => {
    navigate(pathsOf(name).overview);
    onClose();
  };
  const looking = useMutation({
    mutationFn: () => isUnused(name),
    onSuccess: (unused) => !unused && go(),
    // What is wrong shows in the workspace itself.
    onError: go,
  });
  const unused = looking.data === true;
  const open = () => {
    if (name && !looking.isPending) {
      unused ? go() : looking.mutate();
    }
  };
  return (
    <ConfirmDialog
      title="Another workspace"
      confirmText={unused ? "Open anyway" : "Open"}
      disabled={!name}
      loading={looking.isPending}
      onCancel={onClose}
      onConfirm={open}
    >
      <SpaceBetween size="m">
        <FormField
          label="Workspace"
          description="The workspaceID of its instances. Instances without one belong to default."
        >
          <Input
            value={typed}
            onChange={({ detail }) => {
              setTyped(detail.value);
              looking.reset();
            }}
            onKeyDown={({ detail }) => detail.key === "Enter" && open()}
          />
        </FormField>
        {unused && (
          <Alert type="warning" statusIconAriaLabel="Warning">
            No callbacks or deliveries in this workspace yet. Check the spelling.
          </Alert>
        )}
      </SpaceBetween>
    </ConfirmDialog>
  );
}

/** Returns `true` for a workspace without callback URLs and deliveries. A workspace exists as soon as it is used. */
async function isUnused(workspace: string): Promise<boolean> {
  const path = { workspace };
  const [callbacks, deliveries] = await Promise.all([
    api.GET("/v1/workspaces/{workspace}/callbacks", { params: { path } }),
    api.GET("/v1/workspaces/{workspace}/deliveries", { params: { path, query: { limit: 1 } } }),
  ]);
  if (!callbacks.data || !deliveries.data) {
    throw callbacks.error ?? deliveries.error;
  }
  const { created, updated, deleted } = callbacks.data;
  const isSet = [created, updated, deleted].some(({ enabled, urls }) => enabled || urls.length > 0);
  return !isSet && deliveries.data.deliveries.length === 0 && deliveries.data.next === null;
}
