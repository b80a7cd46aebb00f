import Button from "@cloudscape-design/components/button";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { useResume } from "./use-endpoints";

/** Tries a failing or disabled endpoint now, where the viewer may. Named by it, for there may be several. */
export function ResumeButton({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const { resume, isPending } = useResume(endpoint);
  const { state } = endpoint.health;
  const stopped = state === "failing" || state === "disabled";
  if (!stopped || !may(session, workspace, "callbacks:write")) {
    return null;
  }
  return (
    <Button onClick={resume} loading={isPending} ariaLabel={`Resume ${endpoint.url}`}>
      Resume
    </Button>
  );
}
