import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { errorMessage, isDamaged } from "../api/problem";

/** What to show where a stored item cannot be read. */
export interface Damage {
  title: string;
  detail: string;
  /** In place of another try. */
  action?: ReactNode;
}

export interface ErrorAlertProps {
  error: unknown;
  onRetry?: () => void;
  damage?: Damage;
}

/** What went wrong, in the API's own words, and the way on. */
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
