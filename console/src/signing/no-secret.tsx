import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { query } from "../api/client";
import { errorMessage } from "../api/problem";
import { OwnSecretDialog } from "./own-secret-dialog";
import { useSecretChanged, useSecretPath } from "./use-secret-mutation";

/** Offers to create a signing secret. Viewing the page creates none. */
export function NoSecret() {
  const path = useSecretPath();
  const [dialogOpen, setDialogOpen] = useState(false);
  const changed = useSecretChanged(() => setDialogOpen(false));
  const create = query.useMutation("post", "/v1/workspaces/{workspace}/signing-secret/rotate", {
    onSuccess: (secrets) => changed(secrets, "The first signing secret is created"),
  });
  return (
    <Alert
      type="info"
      header="There is no signing secret yet"
      statusIconAriaLabel="Info"
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setDialogOpen(true)}>Set your own</Button>
          <Button loading={create.isPending} onClick={() => create.mutate(path)}>
            Create one now
          </Button>
        </SpaceBetween>
      }
    >
      It is created with the first callback. Create it now to give it to receivers earlier.
      {create.isError && <p>{errorMessage(create.error).detail}</p>}
      {dialogOpen && <OwnSecretDialog onClose={() => setDialogOpen(false)} />}
    </Alert>
  );
}
