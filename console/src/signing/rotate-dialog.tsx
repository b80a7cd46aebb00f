import Box from "@cloudscape-design/components/box";
import { query } from "../api/client";
import { overlapLabel } from "./overlap";
import { SecretDialog } from "./secret-dialog";
import { ROTATE_SECRET, useSecretChanged, useSecretPath } from "./use-secret-mutation";

interface Props {
  endpointID: string;
  fingerprint: string;
  onClose: () => void;
}

/** Asks for the overlap and rotates an endpoint's secret. */
export function RotateDialog({ endpointID, fingerprint, onClose }: Props) {
  const path = useSecretPath(endpointID);
  const changed = useSecretChanged(endpointID, onClose);
  const rotation = query.useMutation("post", ROTATE_SECRET);
  const rotate = (overlapSeconds: number) =>
    rotation.mutate(
      { ...path, body: { overlapSeconds } },
      {
        onSuccess: (secrets) =>
          changed(
            secrets,
            overlapSeconds === 0
              ? `Secret rotated, without overlap. Update the receiver to ${secrets.fingerprint} now`
              : `Secret rotated. Update the receiver to ${secrets.fingerprint} before ${fingerprint} expires in ${overlapLabel(overlapSeconds)}`,
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
          during the overlap, so that the receiver can be updated meanwhile.
        </span>
      )}
    </SecretDialog>
  );
}
