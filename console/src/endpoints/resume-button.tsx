import Button from "@cloudscape-design/components/button";
import { lazy, Suspense, useState } from "react";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { useResume } from "./use-endpoints";

// Loaded on demand: most users do not need it.
const ResumeDialog = lazy(() => import("./resume-dialog"));

const RESUMABLE: Endpoint["health"]["state"][] = ["damaged", "disabled", "failing"];

/**
 * Resumes a failing, disabled or damaged endpoint, if the user may. A resume resets damaged attributes to their
 * defaults, so that it asks for confirmation first.
 */
export function ResumeButton({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const { resume, isPending } = useResume(endpoint);
  const [asking, setAsking] = useState(false);
  const { health, url } = endpoint;
  if (!RESUMABLE.includes(health.state) || !may(session, workspace, "callbacks:write")) {
    return null;
  }
  const damaged = health.state === "damaged";
  return (
    <>
      <Button
        onClick={damaged ? () => setAsking(true) : resume}
        loading={isPending}
        ariaLabel={`Resume ${url}`}
      >
        Resume
      </Button>
      {damaged && asking && (
        <Suspense fallback={null}>
          <ResumeDialog
            url={url}
            attributes={health.attributes}
            onCancel={() => setAsking(false)}
            onResume={() => {
              setAsking(false);
              resume();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
