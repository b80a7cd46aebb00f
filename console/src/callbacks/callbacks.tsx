import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { POLL_INTERVAL_MS } from "../api/client";
import { isDamaged } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { useLastError } from "../components/use-last-error";
import { EVENT_TYPES } from "../labels/reasons";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { EventTypeSummary } from "./event-type-summary";
import { useStoredCallbacks } from "./stored";
import { useCallbacksDamage } from "./use-damage";

const { title, description } = VIEWS.callbacks;

const HELP = (
  <>
    <p>
      When an instance is created, updated or deleted, each URL that is set for that event gets an HTTP GET,
      within seconds.
    </p>
    <p>
      A disabled event type keeps its URLs and calls none of them. Instances without a workspace belong to the
      workspace default.
    </p>
    <p>See Endpoints for the health of each URL, and Deliveries for the result of each call.</p>
  </>
);

/** Shows the callbacks of a workspace: enabled event types and their URLs. */
export default function Callbacks() {
  usePage(title, HELP);
  const { workspace, paths } = useWorkspace();
  const writable = may(useSession(), workspace, "callbacks:write");
  const follow = useRouterLink();
  const stored = useStoredCallbacks(workspace, { refetchInterval: POLL_INTERVAL_MS });
  const error = useLastError(stored);
  const damage = useCallbacksDamage();
  // Data read before the damage is outdated.
  const shown = isDamaged(error) ? undefined : stored.data;
  const empty =
    shown &&
    EVENT_TYPES.every((eventType) => !shown[eventType].enabled && shown[eventType].urls.length === 0);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={description}
          actions={
            <Button variant={empty ? "normal" : "primary"} href={paths.editCallbacks} onFollow={follow}>
              {writable ? "Edit" : "View"}
            </Button>
          }
        >
          {title}
        </Header>
      }
    >
      {!shown && !error && <Loading />}
      {!shown && Boolean(error) && (
        <ErrorAlert error={error} onRetry={() => stored.refetch()} damage={damage} />
      )}
      {shown &&
        (empty ? (
          <Empty writable={writable} />
        ) : (
          <SpaceBetween size="l">
            {EVENT_TYPES.map((eventType) => (
              <EventTypeSummary key={eventType} eventType={eventType} callback={shown[eventType]} />
            ))}
          </SpaceBetween>
        ))}
    </ContentLayout>
  );
}

function Empty({ writable }: { writable: boolean }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  return (
    <Box textAlign="center" padding="xxl">
      <SpaceBetween size="s">
        <Box variant="h2">No callbacks yet</Box>
        <Box color="text-body-secondary">
          {writable
            ? "Enable an event type and enter the URLs to call."
            : "Ask a user with permission to change callbacks to enable an event type and enter its URLs."}
        </Box>
        {writable && (
          <Button variant="primary" href={paths.editCallbacks} onFollow={follow}>
            Set callback URLs
          </Button>
        )}
      </SpaceBetween>
    </Box>
  );
}
