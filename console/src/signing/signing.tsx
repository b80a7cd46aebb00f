import Alert from "@cloudscape-design/components/alert";
import ContentLayout from "@cloudscape-design/components/content-layout";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { query } from "../api/client";
import { isDamaged, problemType } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { useLastError } from "../components/use-last-error";
import { ViewHeader } from "../components/view-header";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useWorkspace } from "../workspace";
import { damageMessage } from "./damage";
import { HELP } from "./help";
import { Keys } from "./keys";
import { NoKey } from "./no-key";
import { KEY, useKeyPath } from "./use-secret-mutation";
import { VerifyForm } from "./verify-form";

const { title, description } = VIEWS.signing;

/** Polling interval of the key. Once a minute shows an expiry soon enough. */
const POLL_MS = 60_000;

export default function Signing() {
  const { openHelp } = usePage(title, HELP);
  const { workspace } = useWorkspace();
  const session = useSession();
  return (
    <ContentLayout header={<ViewHeader title={title} description={description} openHelp={openHelp} />}>
      {may(session, workspace, "signing-secret") ? (
        <SecretContent />
      ) : (
        <Alert type="info" header="You may not see the signing secrets" statusIconAriaLabel="Info">
          Ask an administrator of the workspace {workspace}.
        </Alert>
      )}
    </ContentLayout>
  );
}

function SecretContent() {
  const { workspace } = useWorkspace();
  const path = useKeyPath();
  const read = query.useQuery("get", KEY, path, { refetchInterval: POLL_MS });
  const error = useLastError(read);
  if (read.isPending && !error) {
    return <Loading />;
  }
  if (!read.data && problemType(error) === "no-signing-secret") {
    return <NoKey />;
  }
  if (!read.data || isDamaged(error)) {
    return <ErrorAlert error={error} onRetry={() => read.refetch()} damage={damageMessage(workspace)} />;
  }
  return (
    <SpaceBetween size="l">
      <Keys signingKey={read.data} />
      <VerifyForm />
    </SpaceBetween>
  );
}
