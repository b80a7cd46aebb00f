import Alert from "@cloudscape-design/components/alert";
import ContentLayout from "@cloudscape-design/components/content-layout";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { query } from "../api/client";
import { isDamaged, problemType } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { ViewHeader } from "../components/view-header";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useWorkspace } from "../workspace";
import { damageMessage } from "./damage";
import { HELP } from "./help";
import { NoSecret } from "./no-secret";
import { Secrets } from "./secrets";
import { useSecretPath } from "./use-secret-mutation";
import { VerifyForm } from "./verify-form";

/** Polling interval of the secret. Once a minute shows an expiry soon enough, and sends the secret less often. */
const SECRET_POLL_MS = 60_000;

export default function Signing() {
  const { openHelp } = usePage("Signing", HELP);
  const { workspace } = useWorkspace();
  const session = useSession();
  return (
    <ContentLayout
      header={
        <ViewHeader
          title="Signing"
          description="Lets receivers verify the origin and the integrity of callbacks"
          openHelp={openHelp}
        />
      }
    >
      {may(session, workspace, "signing-secret") ? (
        <SecretContent />
      ) : (
        <Alert type="info" header="You may not see the signing secret" statusIconAriaLabel="Info">
          Ask an administrator of the workspace {workspace}.
        </Alert>
      )}
    </ContentLayout>
  );
}

function SecretContent() {
  const { workspace } = useWorkspace();
  const path = useSecretPath();
  const secrets = query.useQuery("get", "/v1/workspaces/{workspace}/signing-secret", path, {
    refetchInterval: SECRET_POLL_MS,
    // The secret is dropped from the cache when the view closes.
    gcTime: 0,
  });
  if (secrets.isPending) {
    return <Loading />;
  }
  if (!secrets.data && problemType(secrets.error) === "no-signing-secret") {
    return <NoSecret />;
  }
  if (!secrets.data || isDamaged(secrets.error)) {
    return (
      <ErrorAlert error={secrets.error} onRetry={() => secrets.refetch()} damage={damageMessage(workspace)} />
    );
  }
  return (
    <SpaceBetween size="l">
      <Secrets secrets={secrets.data} />
      <VerifyForm secrets={secrets.data} />
    </SpaceBetween>
  );
}
