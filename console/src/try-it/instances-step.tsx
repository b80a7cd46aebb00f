import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { POLL_INTERVAL_MS, type Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { useWorkspace } from "../workspace";
import type { ActionClick } from "./arrival-times";
import { INSTANCE_ACTIONS, idError, instancesState, inWorkspace, unusedId, withWritten } from "./instances";
import { type Instance, localQuery } from "./local-api";
import { StepHeading } from "./step-heading";

/** Maximum number of instances that the program lists. */
const LIST_LIMIT = 100;

/** Maximum number of instances shown. */
const MAX_SHOWN = 20;

interface Props {
  /** Number of changes made with the buttons. */
  changes: number;
  onAction: (act: ActionClick) => void;
}

/** Writes instances, as the process platform does. */
export function InstancesStep({ changes, onAction }: Props) {
  const { workspace } = useWorkspace();
  const listed = localQuery.useQuery("get", "/local/instances", {}, { refetchInterval: POLL_INTERVAL_MS });
  const put = localQuery.useMutation("put", "/local/instances/{instanceID}");
  const remove = localQuery.useMutation("delete", "/local/instances/{instanceID}");
  const [typedId, setTypedId] = useState<string>();
  const [processName, setProcessName] = useState("Order intake");
  const [written, setWritten] = useState<Instance[]>([]);
  const all = withWritten(listed.data?.instances ?? [], written);
  const mine = inWorkspace(all, workspace);
  const id = typedId ?? unusedId(all);
  const problem = idError(id, all, workspace);
  const exists = mine.some(({ instanceID }) => instanceID === id);
  const busy = put.isPending || remove.isPending;
  const failed = put.error ?? remove.error;

  const act = async (eventType: Schemas["EventType"]) => {
    setTypedId(id);
    put.reset();
    remove.reset();
    const click = { at: Date.now(), eventType, instanceID: id };
    const params = { path: { instanceID: id } };
    const onSettled = () => listed.refetch();
    const others = (all: Instance[]) => all.filter(({ instanceID }) => instanceID !== id);
    if (eventType === "deleted") {
      const onSuccess = () => {
        onAction(click);
        setWritten(others);
      };
      remove.mutate({ params }, { onSettled, onSuccess });
    } else {
      const instance = { processName, workspaceID: workspace };
      const onSuccess = () => {
        onAction(click);
        setWritten((all) => [...others(all), { instanceID: id, ...instance }]);
      };
      // An instance that is not listed, perhaps another workspace's, is not taken over.
      const header = eventType === "created" ? ({ "If-None-Match": "*" } as const) : undefined;
      put.mutate({ params: { ...params, header }, body: instance }, { onSettled, onSuccess });
    }
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
        <SpaceBetween direction="horizontal" size="xs">
          {INSTANCE_ACTIONS.map(({ label, eventType, needsInstance }) => (
            <Button
              key={eventType}
              variant={eventType === "created" && !exists ? "primary" : "normal"}
              disabled={!listed.data || busy || !!problem || !processName || exists !== needsInstance}
              disabledReason={
                exists === needsInstance
                  ? undefined
                  : exists
                    ? "It exists already"
                    : "There is no such instance"
              }
              onClick={() => act(eventType)}
            >
              {label}
            </Button>
          ))}
        </SpaceBetween>
        {mine.length > 0 && (
          <FormField label="Existing instances" description="Select one to change it">
            <SpaceBetween direction="horizontal" size="s">
              {mine.slice(-MAX_SHOWN).map(({ instanceID, processName }) => (
                <Button
                  key={instanceID}
                  variant="inline-link"
                  ariaLabel={`Select ${instanceID} of ${processName}`}
                  onClick={() => {
                    setTypedId(instanceID);
                    setProcessName(processName);
                  }}
                >
                  {instanceID}
                </Button>
              ))}
            </SpaceBetween>
          </FormField>
        )}
        {listed.isError && <ErrorAlert error={listed.error} onRetry={() => listed.refetch()} />}
        {failed && <ErrorAlert error={failed} />}
      </SpaceBetween>
    </Container>
  );
}
