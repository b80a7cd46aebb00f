import Button from "@cloudscape-design/components/button";
import type { Damage } from "../components/error-alert";
import { may, useSession } from "../session/session";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { damageMessage } from "./damage";

/** Returns the message for callbacks that cannot be read, with a link to the editor. */
export function useCallbacksDamage(): Damage {
  const { workspace, paths } = useWorkspace();
  const writable = may(useSession(), workspace, "callbacks:write");
  const follow = useRouterLink();
  const action = writable && (
    <Button href={paths.editCallbacks} onFollow={follow}>
      Set callback URLs
    </Button>
  );
  return { ...damageMessage(workspace, writable), action };
}
