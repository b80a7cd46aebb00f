import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { query } from "../api/client";
import { ConfirmDialog } from "../components/confirm-dialog";
import { ErrorAlert } from "../components/error-alert";
import { DEFAULT_OVERLAP_SECONDS, Overlap } from "./overlap";
import { useSecretChanged, useSecretPath } from "./use-secret-mutation";

/** Asks for the overlap and rotates the secret. */
export function RotateDialog({ fingerprint, onClose }: { fingerprint: string; onClose: () => void }) {
  const path = useSecretPath();
  const changed = useSecretChanged(onClose);
  const [seconds, setSeconds] = useState(DEFAULT_OVERLAP_SECONDS);
  const rotation = query.useMutation("post", "/v1/workspaces/{workspace}/signing-secret/rotate");
  const rotate = () =>
    rotation.mutate(
      { ...path, body: { overlapSeconds: seconds } },
      {
        onSuccess: (secrets) =>
          changed(
            secrets,
            seconds === 0
              ? `Secret ${secrets.fingerprint} signs alone from now on. Give it to each receiver`
              : `Secret ${secrets.fingerprint} signs too from now on. Give it to each receiver before ${fingerprint} expires`,
          ),
      },
    );
  return (
    <ConfirmDialog
      title="Rotate the signing secret"
      confirmText={seconds === 0 ? "Rotate at once" : "Rotate"}
      loading={rotation.isPending}
      onCancel={onClose}
      onConfirm={rotate}
    >
      <SpaceBetween size="m">
        <span>
          A new secret is generated. Until the overlap ends, the current one,{" "}
          <Box variant="code">{fingerprint}</Box>, also signs, so that receivers can switch one by one.
        </span>
        <Overlap seconds={seconds} onChange={setSeconds} />
        {rotation.isError && <ErrorAlert error={rotation.error} />}
      </SpaceBetween>
    </ConfirmDialog>
  );
}
