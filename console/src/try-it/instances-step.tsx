import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { useLastError } from "../components/use-last-error";
import { useWorkspace } from "../workspace";
import type { ActionClick } from "./arrival-times";
import { ExistingInstances, InstanceActions } from "./instance-buttons";
import { idError, instancesState, inWorkspace, unusedId } from "./instances";
import { StepHeading } from "./step-heading";
import { useInstances } from "./use-instances";

/** Maximum number of instances that the program lists. */
const LIST_LIMIT = 100;

interface Props {
  /** Number of changes made with the buttons. */
  changes: number;
  onAction: (act: ActionClick) => void;
}

/** Writes instances, as the process platform does. */
export function InstancesStep({ changes, onAction }: Props) {
  const { workspace } = useWorkspace();
  const { listed, all, write, isPending, failed } = useInstances(onAction);
  const listError = useLastError(listed);
  const [typedId, setTypedId] = useState<string>();
  const [processName, setProcessName] = useState("Order intake");
  const mine = inWorkspace(all, workspace);
  const id = typedId ?? unusedId(all);
  const problem = idError(id, all, workspace);
  const act = (eventType: Schemas["EventType"]) => {
    setTypedId(id);
    write(eventType, id, processName);
  };
  return (
    <Container
      header={
        <StepHeading
          step={2}
          title="Change an instance"
          done={changes > 0 || mine.length > 0}
          state={instancesState(mine.length, listed.data?.instances.length === LIST_LIMIT, changes)}
        />
      }
    >
      <SpaceBetween size="m">
        <Box color="text-body-secondary">
          Each button writes to the instance table, as the process platform does. The callbacks follow
          automatically.
        </Box>
        <ColumnLayout columns={2}>
          <FormField label="Instance ID" errorText={listed.data && problem}>
            <Input value={id} spellcheck={false} onChange={({ detail }) => setTypedId(detail.value)} />
          </FormField>
          <FormField label="Process name" errorText={processName ? undefined : "Enter a process name"}>
            <Input
              value={processName}
              spellcheck={false}
              onChange={({ detail }) => setProcessName(detail.value)}
            />
          </FormField>
        </ColumnLayout>
        <InstanceActions
          exists={mine.some(({ instanceID }) => instanceID === id)}
          disabled={!listed.data || isPending || !!problem || !processName}
          onAct={act}
        />
        {mine.length > 0 && (
          <ExistingInstances
            instances={mine}
            onSelect={(instance) => {
              setTypedId(instance.instanceID);
              setProcessName(instance.processName);
            }}
          />
        )}
        {Boolean(listError) && <ErrorAlert error={listError} onRetry={() => listed.refetch()} />}
        {failed && <ErrorAlert error={failed} />}
      </SpaceBetween>
    </Container>
  );
}
