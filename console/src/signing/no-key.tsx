import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { query } from "../api/client";
import { errorMessage } from "../api/problem";
import { ROTATE_KEY, useKeyChanged, useKeyPath } from "./use-secret-mutation";

/** Offers to create the signing secrets. Viewing the page creates none. */
export function NoKey() {
  const path = useKeyPath();
  const changed = useKeyChanged(() => undefined);
  const create = query.useMutation("post", ROTATE_KEY, {
    onSuccess: (key) => changed(key, "Signing secrets created"),
  });
  return (
    <Alert
      type="info"
      header="No signing secrets yet"
      statusIconAriaLabel="Info"
      action={
        <Button loading={create.isPending} onClick={() => create.mutate(path)}>
          Create now
        </Button>
      }
    >
      They are created automatically with the first callback. Create them now to share each with its receiver
      before that.
      {create.isError && <p>{errorMessage(create.error).detail}</p>}
    </Alert>
  );
}
