import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { query } from "../api/client";
import { errorMessage, isProblem } from "../api/problem";
import { SecretDialog } from "./secret-dialog";
import { ENDPOINT_SECRET, useSecretChanged, useSecretPath } from "./use-secret-mutation";

/** Sets a secret that the user provides. */
export function OwnSecretDialog({ endpointID, onClose }: { endpointID: string; onClose: () => void }) {
  const path = useSecretPath(endpointID);
  const changed = useSecretChanged(endpointID, onClose);
  const [secret, setSecret] = useState("");
  const setting = query.useMutation("put", ENDPOINT_SECRET);
  const set = (overlapSeconds: number) =>
    setting.mutate(
      { ...path, body: { secret: secret.trim(), overlapSeconds } },
      { onSuccess: (secrets) => changed(secrets, `Secret ${secrets.fingerprint} signs from now on`) },
    );
  const isFieldError = isProblem(setting.error) && setting.error.field === "secret";
  return (
    <SecretDialog
      title="Set your own signing secret"
      confirmText={() => "Set"}
      loading={setting.isPending}
      error={isFieldError ? null : setting.error}
      onCancel={onClose}
      onConfirm={set}
    >
      {(confirm) => (
        <FormField
          label="Secret"
          description="For a receiver that already has a secret. It stays as it is when all secrets are rotated"
          constraintText="whsec_ and the Base64 of 24 to 64 random bytes"
          errorText={isFieldError ? errorMessage(setting.error).detail : undefined}
        >
          <Input
            value={secret}
            autoComplete={false}
            spellcheck={false}
            placeholder="whsec_…"
            onChange={({ detail }) => {
              setSecret(detail.value);
              setting.reset();
            }}
            onKeyDown={({ detail }) => detail.key === "Enter" && confirm()}
          />
        </FormField>
      )}
    </SecretDialog>
  );
}
