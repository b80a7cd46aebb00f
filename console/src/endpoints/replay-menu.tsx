import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { lazy, Suspense, useState } from "react";
import { ReplayMatching } from "../deliveries/replay/replay-matching";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { nameOf } from "./names";

const TimeDialog = lazy(() => import("./time-dialog"));

const HOUR_MS = 3_600_000;

const HOURS: Record<string, number> = { "1h": 1, "4h": 4, "24h": 24, "7d": 7 * 24 };

const ITEMS = [
  { id: "1h", text: "1 hour ago" },
  { id: "4h", text: "4 hours ago" },
  { id: "24h", text: "24 hours ago" },
  { id: "7d", text: "7 days ago" },
  { id: "date", text: "A date…" },
];

/** Replays the failed deliveries of an endpoint since a time, after a question with their number. */
export function ReplayMenu({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const [choosing, setChoosing] = useState(false);
  const [since, setSince] = useState<string>();
  if (!may(session, workspace, "deliveries:replay")) {
    return null;
  }
  const { endpointID } = endpoint;
  const choose = (item: string) => {
    const hours = HOURS[item];
    if (hours === undefined) {
      setChoosing(true);
    } else {
      setSince(new Date(Date.now() - hours * HOUR_MS).toISOString());
    }
  };
  return (
    <>
      <ButtonDropdown
        items={ITEMS}
        ariaLabel={`Replay failed since, of ${nameOf(endpoint)}`}
        expandToViewport
        onItemClick={({ detail }) => choose(detail.id)}
      >
        Replay failed since…
      </ButtonDropdown>
      {choosing && (
        <Suspense fallback={null}>
          <TimeDialog
            title="Replay failed deliveries since"
            description="The time at which the instance changed."
            confirmText="Continue"
            past
            initial={new Date(Date.now() - HOUR_MS)}
            onCancel={() => setChoosing(false)}
            onConfirm={(at) => {
              setChoosing(false);
              setSince(at);
            }}
          />
        </Suspense>
      )}
      {since && (
        <ReplayMatching
          filter={{ endpointID, status: "failed", since }}
          onClose={() => setSince(undefined)}
        />
      )}
    </>
  );
}
