import Box from "@cloudscape-design/components/box";
import { query } from "../api/client";
import { overlapLabel } from "./overlap";
import { SecretDialog } from "./secret-dialog";
import { useSecretChanged, useSecretPath } from "./use-secret-mutation";

/** Asks for the overlap and rotates the secret. */
export function RotateDialog({ fingerprint, onClose }: { fingerprint: string; onClose: () => void }) {
  const path = useSecretPath();
  const changed = useSecretChanged(onClose);
  const rotation = query.useMutation("post", "/v1/workspaces/{workspace}/signing-secret/rotate");
  const rotate = (overlapSeconds: number) =>
    rotation.mutate(
      { ...path, body: { overlapSeconds } },
      {
        onSuccess: (secrets) =>
          changed(
            secrets,
            overlapSeconds === 0
              ? `Secret rotated, without overlap. Update your receivers to ${secrets.fingerprint} now`
              : `Secret rotated. Update your receivers to ${secrets.fingerprint} before ${fingerprint} expires in ${overlapLabel(overlapSeconds)}`,
          ),
      },
    );
  return (
    <SecretDialog
      title="Rotate the signing secret"
      confirmText={(seconds) => (seconds === 0 ? "Rotate at once" : "Rotate")}
      loading={rotation.isPending}
      error={rotation.error}
      onCancel={onClose}
      onConfirm={rotate}
    >
      {() => (
        <span>
          Generates a new secret. It and the current one, <Box variant="code">{fingerprint}</Box>, both sign
          during the overlap, so that you can update receivers one by one.
        </span>
      )}
    </SecretDialog>
  );
}
