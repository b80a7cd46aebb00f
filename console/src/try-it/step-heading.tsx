import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";

interface Props {
  step: number;
  title: string;
  done: boolean;
  /** State of the step, beside its title. */
  state: string;
  description?: ReactNode;
  actions?: ReactNode;
}

/** Shows number, title and state of a step. */
export function StepHeading({ step, title, done, state, description, actions }: Props) {
  return (
    <Header
      variant="h2"
      description={description}
      actions={actions}
      info={<StatusIndicator type={done ? "success" : "pending"}>{state}</StatusIndicator>}
    >
      {step}. {title}
    </Header>
  );
}
