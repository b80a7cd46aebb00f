import { query } from "../api/client";
import { overlapLabel } from "./overlap";
import { SecretDialog } from "./secret-dialog";
import { ROTATE_KEY, useKeyChanged, useKeyPath } from "./use-secret-mutation";

/** Asks for the overlap and rotates the secrets of all endpoints. */
export function RotateAllDialog({ onClose }: { onClose: () => void }) {
  const path = useKeyPath();
  const changed = useKeyChanged(onClose);
  const rotation = query.useMutation("post", ROTATE_KEY);
  const rotate = (overlapSeconds: number) =>
    rotation.mutate(
      { ...path, body: { overlapSeconds } },
      {
        onSuccess: (key) =>
          changed(
            key,
            overlapSeconds === 0
              ? "All secrets rotated, without overlap. Update your receivers now"
              : `All secrets rotated. Update your receivers within ${overlapLabel(overlapSeconds)}`,
          ),
      },
    );
  return (
    <SecretDialog
      title="Rotate all signing secrets"
      confirmText={(seconds) => (seconds === 0 ? "Rotate at once" : "Rotate")}
      loading={rotation.isPending}
      error={rotation.error}
      onCancel={onClose}
      onConfirm={rotate}
    >
      {() => (
        <span>
          Each endpoint gets a new secret. The new and the current one both sign during the overlap, so that
          you can update receivers one by one. Secrets that were set by a user stay as they are.
        </span>
      )}
    </SecretDialog>
  );
}
