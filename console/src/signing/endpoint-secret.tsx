import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { query } from "../api/client";
import { errorMessage, problemType } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { useLastError } from "../components/use-last-error";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import { OwnSecretDialog } from "./own-secret-dialog";
import { RotateDialog } from "./rotate-dialog";
import { Secrets } from "./secrets";
import { ENDPOINT_SECRET, ROTATE_SECRET, useSecretChanged, useSecretPath } from "./use-secret-mutation";

/** Polling interval of the secret. Once a minute shows an expiry soon enough, and sends the secret less often. */
const POLL_MS = 60_000;

/** Shows an endpoint's signing secret and the actions that change it, to users who may see it. */
export function EndpointSecret({ endpointID }: { endpointID: string }) {
  const { workspace } = useWorkspace();
  return may(useSession(), workspace, "signing-secret") ? <Content endpointID={endpointID} /> : null;
}

function Content({ endpointID }: { endpointID: string }) {
  const path = useSecretPath(endpointID);
  const [dialog, setDialog] = useState<"rotate" | "own">();
  const close = () => setDialog(undefined);
  // The secret is dropped from the cache when the page closes.
  const options = { refetchInterval: POLL_MS, gcTime: 0 };
  const read = query.useQuery("get", ENDPOINT_SECRET, path, options);
  const { data, isPending, refetch } = read;
  const error = useLastError(read);
  const isMissing = !data && problemType(error) === "no-signing-secret";

  const content = (): ReactNode => {
    if (isPending && !error) {
      return <Loading />;
    }
    if (data) {
      return <Secrets secrets={data} />;
    }
    return isMissing ? (
      "There is none yet. It is created automatically with the first callback."
    ) : (
      <ErrorAlert error={error} onRetry={refetch} />
    );
  };
  return (
    <>
      <Container
        header={
          <Header
            variant="h2"
            description="Signs every request to this endpoint, and to no other. Share it with its receiver only"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!data && !isMissing} onClick={() => setDialog("own")}>
                  Set your own
                </Button>
                {isMissing ? (
                  <Create endpointID={endpointID} />
                ) : (
                  <Button disabled={!data} onClick={() => setDialog("rotate")}>
                    Rotate
                  </Button>
                )}
              </SpaceBetween>
            }
          >
            Signing secret
          </Header>
        }
      >
        {content()}
      </Container>
      {dialog === "rotate" && data && (
        <RotateDialog endpointID={endpointID} fingerprint={data.fingerprint} onClose={close} />
      )}
      {dialog === "own" && <OwnSecretDialog endpointID={endpointID} onClose={close} />}
    </>
  );
}

/** Creates the workspace's first secrets. */
function Create({ endpointID }: { endpointID: string }) {
  const path = useSecretPath(endpointID);
  const changed = useSecretChanged(endpointID, () => undefined);
  const create = query.useMutation("post", ROTATE_SECRET, {
    onSuccess: (secrets) => changed(secrets, "Signing secret created"),
  });
  return (
    <>
      <Button loading={create.isPending} onClick={() => create.mutate(path)}>
        Create now
      </Button>
      {create.isError && <p>{errorMessage(create.error).detail}</p>}
    </>
  );
}
