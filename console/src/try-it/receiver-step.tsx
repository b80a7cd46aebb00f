import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { POLL_INTERVAL_MS, query, type Schemas } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { EVENT_TYPES } from "../labels/reasons";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { alsoEnabled, receiverUrl, typesCallingReceiver, withoutReceiver, withReceiver } from "./receiver";
import { StepHeading } from "./step-heading";

const CALLBACKS = "/v1/workspaces/{workspace}/callbacks";

/** Adds the built-in receiver to the workspace's callbacks. */
export function ReceiverStep() {
  const { workspace, paths } = useWorkspace();
  const follow = useRouterLink();
  const client = useQueryClient();
  const path = { params: { path: { workspace } } };
  const callbacks = query.useQuery("get", CALLBACKS, path, { refetchInterval: POLL_INTERVAL_MS });
  const setting = query.useMutation("put", CALLBACKS);
  const receiver = { origin: location.origin, workspace };
  const [enabledByAdding, setEnabledByAdding] = useState<Schemas["EventType"][]>([]);

  const calling = callbacks.data ? typesCallingReceiver(callbacks.data, receiver) : [];
  const done = calling.length === EVENT_TYPES.length;
  const alsoEnabledTypes = callbacks.data ? alsoEnabled(callbacks.data, receiver) : [];
  const change = async (changed: (callbacks: Schemas["Callbacks"]) => Schemas["Callbacks"]) => {
    // Reads the current callbacks first, because another user may have changed them.
    const { data } = await callbacks.refetch();
    if (data) {
      const body = { ...changed(data), version: data.version };
      const { queryKey } = query.queryOptions("get", CALLBACKS, path);
      setting.mutate({ ...path, body }, { onSuccess: (set) => client.setQueryData(queryKey, set) });
    }
  };
  const use = () =>
    change((callbacks) => {
      setEnabledByAdding(alsoEnabled(callbacks, receiver));
      return withReceiver(callbacks, receiver);
    });
  const remove = () => change((callbacks) => withoutReceiver(callbacks, receiver, enabledByAdding));

  return (
    <Container
      header={
        <StepHeading
          step={1}
          title="Use the built-in receiver"
          done={done}
          state={done ? "All three event types call it" : "Not configured yet"}
        />
      }
    >
      <SpaceBetween size="s">
        <Box color="text-body-secondary">
          <div>The button turns on the three event types of the workspace {workspace} and adds</div>
          <Box variant="code">
            <div className="breaks-anywhere">{receiverUrl(receiver, "created")}</div>
          </Box>
          and the same for <Box variant="code">updated</Box> and <Box variant="code">deleted</Box>. Existing
          URLs are kept.
          {alsoEnabledTypes.length > 0 &&
            ` It also turns on the other URLs of ${alsoEnabledTypes.join(" and ")}, which are off now.`}
        </Box>
        <SpaceBetween direction="horizontal" size="m" alignItems="center">
          {done ? (
            <Button loading={setting.isPending} loadingText="Stop using it" onClick={remove}>
              Stop using it
            </Button>
          ) : (
            <Button
              variant="primary"
              loading={callbacks.isPending || setting.isPending}
              loadingText="Use the built-in receiver"
              onClick={use}
            >
              Use the built-in receiver
            </Button>
          )}
          <Link href={paths.callbacks} onFollow={follow}>
            See the callback URLs
          </Link>
        </SpaceBetween>
        {callbacks.isError && !callbacks.data && (
          <ErrorAlert error={callbacks.error} onRetry={() => callbacks.refetch()} />
        )}
        {setting.isError && <ErrorAlert error={setting.error} onRetry={done ? remove : use} />}
      </SpaceBetween>
    </Container>
  );
}
