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
    onSuccess: (secrets) => changed(secrets, "Signing secret created"),
  });
  return (
    <Alert
      type="info"
      header="No signing secret yet"
      statusIconAriaLabel="Info"
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setDialogOpen(true)}>Set your own</Button>
          <Button loading={create.isPending} onClick={() => create.mutate(path)}>
            Create now
          </Button>
        </SpaceBetween>
      }
    >
      One is created automatically with the first callback, which it signs. Create it now to share it with
      receivers before that.
      {create.isError && <p>{errorMessage(create.error).detail}</p>}
      {dialogOpen && <OwnSecretDialog onClose={() => setDialogOpen(false)} />}
    </Alert>
  );
}
