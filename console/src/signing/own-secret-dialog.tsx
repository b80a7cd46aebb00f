import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { query } from "../api/client";
import { errorMessage, isProblem } from "../api/problem";
import { ConfirmDialog } from "../components/confirm-dialog";
import { ErrorAlert } from "../components/error-alert";
import { DEFAULT_OVERLAP_SECONDS, Overlap } from "./overlap";
import { useSecretChanged, useSecretPath } from "./use-secret-mutation";

/** Sets a secret that the user provides. */
export function OwnSecretDialog({ onClose }: { onClose: () => void }) {
  const path = useSecretPath();
  const changed = useSecretChanged(onClose);
  const [secret, setSecret] = useState("");
  const [seconds, setSeconds] = useState(DEFAULT_OVERLAP_SECONDS);
  const setting = query.useMutation("put", "/v1/workspaces/{workspace}/signing-secret");
  const set = () =>
    setting.mutate(
      { ...path, body: { secret: secret.trim(), overlapSeconds: seconds } },
      { onSuccess: (secrets) => changed(secrets, `Secret ${secrets.fingerprint} signs from now on`) },
    );
  const isFieldError = isProblem(setting.error) && setting.error.field === "secret";
  return (
    <ConfirmDialog
      title="Set your own signing secret"
      confirmText="Set"
      loading={setting.isPending}
      onCancel={onClose}
      onConfirm={set}
    >
      <SpaceBetween size="m">
        <FormField
          label="Secret"
          description="For receivers that already have a secret. Otherwise rotate: generated secrets are random"
          constraintText="whsec_ and the Base64 of 24 to 64 random bytes"
          errorText={isFieldError ? errorMessage(setting.error).detail : undefined}
        >
          <Input
            value={secret}
            autoFocus
            autoComplete={false}
            spellcheck={false}
            placeholder="whsec_…"
            onChange={({ detail }) => {
              setSecret(detail.value);
              setting.reset();
            }}
            onKeyDown={({ detail }) => detail.key === "Enter" && set()}
          />
        </FormField>
        <Overlap seconds={seconds} onChange={setSeconds} />
        {setting.isError && !isFieldError && <ErrorAlert error={setting.error} />}
      </SpaceBetween>
    </ConfirmDialog>
  );
}
