import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { LIVE, type Schemas } from "../api/client";
import { Refusal } from "../components/error-alert";
import { useWorkspace } from "../workspace";
import type { Press } from "./arrival-times";
import { DEEDS, freeId, inWorkspace, problemOf, withWritten } from "./instances";
import { type Instance, localQuery } from "./local-api";
import { StepHeading } from "./step-heading";

/** Of how many instances the program tells at a time. */
const MOST_LISTED = 100;

/** As links to press. */
const MOST_SHOWN = 20;

function countOf(instances: number, more: boolean): string {
  return `${more ? "At least " : ""}${instances} ${instances === 1 ? "instance exists" : "instances exist"}`;
}

interface Props {
  /** Whether anything was pressed yet. */
  done: boolean;
  onPress: (press: Press) => void;
}

/** Does to an instance what the process platform would do. */
export function InstancesStep({ done, onPress }: Props) {
  const { workspace } = useWorkspace();
  const listed = localQuery.useQuery("get", "/local/instances", {}, { refetchInterval: LIVE });
  const put = localQuery.useMutation("put", "/local/instances/{instanceID}");
  const remove = localQuery.useMutation("delete", "/local/instances/{instanceID}");
  const [typedId, setTypedId] = useState<string>();
  const [processName, setProcessName] = useState("Order intake");
  const [written, setWritten] = useState<Instance[]>([]);
  const all = withWritten(listed.data?.instances ?? [], written);
  const mine = inWorkspace(all, workspace);
  const id = typedId ?? freeId(all);
  const problem = problemOf(id, all, workspace);
  const exists = mine.some(({ instanceID }) => instanceID === id);
  const busy = put.isPending || remove.isPending;
  const failed = put.error ?? remove.error;

  const press = async (eventType: Schemas["EventType"]) => {
    setTypedId(id);
    put.reset();
    remove.reset();
    onPress({ at: Date.now(), eventType, instanceID: id });
    const params = { path: { instanceID: id } };
    const onSettled = () => listed.refetch();
    const others = (all: Instance[]) => all.filter(({ instanceID }) => instanceID !== id);
    if (eventType === "deleted") {
      remove.mutate({ params }, { onSettled, onSuccess: () => setWritten(others) });
    } else {
      const instance = { processName, workspaceID: workspace };
      const onSuccess = () => setWritten((all) => [...others(all), { instanceID: id, ...instance }]);
      put.mutate({ params, body: instance }, { onSettled, onSuccess });
    }
  };

  return (
    <Container
      header={
        <StepHeading
          step={2}
          title="Change an instance"
          done={done || mine.length > 0}
          state={countOf(mine.length, listed.data?.instances.length === MOST_LISTED)}
        />
      }
    >
      <SpaceBetween size="m">
        <Box color="text-body-secondary">
          Each button writes to the instance table, as the process platform does. The rest happens by itself.
        </Box>
        <ColumnLayout columns={2}>
          <FormField label="Instance id" errorText={listed.data && problem}>
            <Input value={id} spellcheck={false} onChange={({ detail }) => setTypedId(detail.value)} />
          </FormField>
          <FormField label="Process name" errorText={processName ? undefined : "Name the process"}>
            <Input
              value={processName}
              spellcheck={false}
              onChange={({ detail }) => setProcessName(detail.value)}
            />
          </FormField>
        </ColumnLayout>
        <SpaceBetween direction="horizontal" size="xs">
          {DEEDS.map(({ label, eventType, ofWhatExists }) => (
            <Button
              key={eventType}
              variant={eventType === "created" && !exists ? "primary" : "normal"}
              disabled={!listed.data || busy || !!problem || !processName || exists !== ofWhatExists}
              disabledReason={
                exists === ofWhatExists
                  ? undefined
                  : exists
                    ? "It exists already"
                    : "There is no such instance"
              }
              onClick={() => press(eventType)}
            >
              {label}
            </Button>
          ))}
        </SpaceBetween>
        {mine.length > 0 && (
          <FormField label="These exist" description="Press one to change it">
            <SpaceBetween direction="horizontal" size="s">
              {mine.slice(-MOST_SHOWN).map(({ instanceID, processName }) => (
                <Button
                  key={instanceID}
                  variant="inline-link"
                  ariaLabel={`Take ${instanceID} of ${processName}`}
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
        {listed.isError && <Refusal error={listed.error} onRetry={() => listed.refetch()} />}
        {failed && <Refusal error={failed} />}
      </SpaceBetween>
    </Container>
  );
}
