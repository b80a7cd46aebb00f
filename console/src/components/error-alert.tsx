import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { errorMessage, isDamaged } from "../api/problem";

/** A message for a stored item that cannot be read. */
export interface Damage {
  title: string;
  detail: string;
  /** Replaces the button "Try again". */
  action?: ReactNode;
}

export interface ErrorAlertProps {
  error: unknown;
  onRetry?: () => void;
  damage?: Damage;
}

/** Shows an error, with a retry if there is one. */
export function ErrorAlert({ error, onRetry, damage }: ErrorAlertProps) {
  const { title, detail, action }: Damage = damage && isDamaged(error) ? damage : errorMessage(error);
  return (
    <Alert
      type="error"
      header={title}
      statusIconAriaLabel="Error"
      action={action || (onRetry && <Button onClick={onRetry}>Try again</Button>)}
    >
      {detail}
    </Alert>
  );
}
