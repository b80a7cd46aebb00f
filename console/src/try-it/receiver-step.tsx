import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { POLL_INTERVAL_MS, query } from "../api/client";
import { ErrorAlert } from "../components/error-alert";
import { EVENT_TYPES } from "../labels/reasons";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { alsoEnabled, receiverUrl, typesCallingReceiver, withReceiver } from "./receiver";
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
  const { origin } = location;

  const calling = callbacks.data ? typesCallingReceiver(callbacks.data, origin) : [];
  const done = calling.length === EVENT_TYPES.length;
  const alsoEnabledTypes = callbacks.data ? alsoEnabled(callbacks.data, origin) : [];
  const use = async () => {
    // Reads the current callbacks first, because another user may have changed them.
    const { data } = await callbacks.refetch();
    if (data) {
      const body = { ...withReceiver(data, origin), version: data.version };
      const { queryKey } = query.queryOptions("get", CALLBACKS, path);
      setting.mutate({ ...path, body }, { onSuccess: (set) => client.setQueryData(queryKey, set) });
    }
  };

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
          This program has a built-in receiver. The button enables the three event types of the workspace{" "}
          {workspace} and adds{" "}
          <Box variant="code">
            <span className="breaks-anywhere">{receiverUrl(origin, "created")}</span>
          </Box>
          , <Box variant="code">…/updated</Box> and <Box variant="code">…/deleted</Box>. Configured URLs are
          kept.
          {alsoEnabledTypes.length > 0 &&
            ` It also enables the other URLs of ${alsoEnabledTypes.join(" and ")}, which are off now.`}
        </Box>
        <SpaceBetween direction="horizontal" size="m" alignItems="center">
          <Button
            variant={done ? "normal" : "primary"}
            loading={callbacks.isPending || setting.isPending}
            loadingText="Use the built-in receiver"
            disabled={done}
            disabledReason="It is configured already"
            onClick={use}
          >
            Use the built-in receiver
          </Button>
          <Link href={paths.callbacks} onFollow={follow}>
            See the callback URLs
          </Link>
        </SpaceBetween>
        {callbacks.isError && !callbacks.data && (
          <ErrorAlert error={callbacks.error} onRetry={() => callbacks.refetch()} />
        )}
        {setting.isError && <ErrorAlert error={setting.error} onRetry={use} />}
      </SpaceBetween>
    </Container>
  );
}
