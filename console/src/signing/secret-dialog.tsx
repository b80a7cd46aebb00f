import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { ConfirmDialog } from "../components/confirm-dialog";
import { ErrorAlert } from "../components/error-alert";
import { DEFAULT_OVERLAP_SECONDS, Overlap } from "./overlap";

interface Props {
  title: string;
  confirmText: (overlapSeconds: number) => string;
  loading: boolean;
  /** Error that belongs to none of the fields. */
  error: unknown;
  onCancel: () => void;
  onConfirm: (overlapSeconds: number) => void;
  /** What stands above the overlap. A field in it confirms by Enter. */
  children: (confirm: () => void) => ReactNode;
}

/** Asks for the overlap of a new secret, and what else it takes. */
export function SecretDialog({ title, confirmText, loading, error, onCancel, onConfirm, children }: Props) {
  const [seconds, setSeconds] = useState(DEFAULT_OVERLAP_SECONDS);
  const confirm = () => onConfirm(seconds);
  return (
    <ConfirmDialog
      title={title}
      confirmText={confirmText(seconds)}
      loading={loading}
      onCancel={onCancel}
      onConfirm={confirm}
    >
      <SpaceBetween size="m">
        {children(confirm)}
        <Overlap seconds={seconds} onChange={setSeconds} />
        {error !== null && error !== undefined && <ErrorAlert error={error} />}
      </SpaceBetween>
    </ConfirmDialog>
  );
}
