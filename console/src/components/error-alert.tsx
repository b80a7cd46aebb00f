import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { errorMessage, isDamaged, isUnreachable } from "../api/problem";

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

/** Shows an error, with a retry if there is one. What is read is also retried by itself, what was sent is not. */
export function ErrorAlert({ error, onRetry, damage }: ErrorAlertProps) {
  const { title, detail, action }: Damage = damage && isDamaged(error) ? damage : errorMessage(error);
  return (
    <Alert
      type="error"
      header={title}
      statusIconAriaLabel="Error"
      // In a form it must not submit it.
      action={
        action ||
        (onRetry && (
          <Button formAction="none" onClick={onRetry}>
            Try again
          </Button>
        ))
      }
    >
      {detail}
      {isUnreachable(error) && (onRetry ? " The console retries automatically." : " Then try again.")}
    </Alert>
  );
}
