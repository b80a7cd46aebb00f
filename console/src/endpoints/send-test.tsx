import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { query, type Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { EVENT_TYPES, reasonLabel } from "../labels/reasons";
import { capitalised } from "../labels/text";
import { duration } from "../labels/time";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";

/** Sends an example event to the endpoint, and shows the answer. */
export function SendTest({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const used = endpoint.eventTypes.map(({ eventType }) => eventType);
  const [eventType, setEventType] = useState<Schemas["EventType"]>(used[0] ?? "created");
  const { mutate, data, error, isPending } = query.useMutation(
    "post",
    "/v1/workspaces/{workspace}/callbacks/{eventType}/test",
  );
  if (!may(session, workspace, "callbacks:write")) {
    return null;
  }
  const send = () => mutate({ params: { path: { workspace, eventType } }, body: { urls: [endpoint.url] } });
  const result = data?.results[0];
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Calls the URL once with a signed example event. It is not logged and does not change the health."
        >
          Send test
        </Header>
      }
    >
      <SpaceBetween size="m">
        <SpaceBetween direction="horizontal" size="xs" alignItems="end">
          <FormField label="Event type">
            <Select
              selectedOption={{ value: eventType, label: eventType }}
              options={EVENT_TYPES.map((value) => ({
                value,
                label: value,
                tags: used.includes(value) ? undefined : ["not used"],
              }))}
              onChange={({ detail }) => setEventType(detail.selectedOption.value as Schemas["EventType"])}
            />
          </FormField>
          <Button onClick={send} loading={isPending} loadingText="Waiting for the answer">
            Send test
          </Button>
        </SpaceBetween>
        <div aria-live="polite">
          {error ? <ErrorAlert error={error} /> : result && !isPending && <Answer result={result} />}
        </div>
      </SpaceBetween>
    </Container>
  );
}

function Answer({ result }: { result: Schemas["TestResult"] }) {
  const { delivered, status, latencyMs, reason, detail, body } = result;
  const answer = status ? `The receiver returned ${status}` : "No answer";
  return (
    <SpaceBetween size="xs">
      <StatusIndicator type={delivered ? "success" : "error"}>
        {`${answer} after ${duration(latencyMs)}`}
      </StatusIndicator>
      {detail && (
        <Box>
          {capitalised(detail)}
          {reason && `. ${reasonLabel(reason).advice}`}
        </Box>
      )}
      {status !== null && (
        <FormField label="Body of the answer" stretch>
          {body === "" ? (
            <Box color="text-status-inactive">Empty</Box>
          ) : (
            <Box variant="pre" fontSize="body-s">
              {body}
            </Box>
          )}
        </FormField>
      )}
    </SpaceBetween>
  );
}
