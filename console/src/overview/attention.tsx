import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import List from "@cloudscape-design/components/list";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type Endpoint, needsAttention, worstFirst } from "../endpoints/condition";
import { ConditionIndicator } from "../endpoints/condition-indicator";
import { ResumeButton } from "../endpoints/resume-button";
import { useFollow } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { InShort } from "./endpoint-summary";

/** The others are in the list of endpoints. */
const SHOWN = 5;

/** The endpoints for which somebody may have to do something, the worst first. */
export function Attention({ endpoints }: { endpoints: Endpoint[] }) {
  const { paths } = useWorkspace();
  const follow = useFollow();
  const concerned = endpoints.filter(needsAttention).sort(worstFirst);
  return (
    <Container
      header={
        <Header
          variant="h2"
          counter={concerned.length > 0 ? `(${concerned.length})` : undefined}
          actions={
            <Link href={paths.endpoints} onFollow={follow}>
              All endpoints
            </Link>
          }
        >
          Endpoints that need attention
        </Header>
      }
    >
      {concerned.length === 0 ? (
        <StatusIndicator type="success">
          None: no endpoint is damaged, disabled, failing or paused
        </StatusIndicator>
      ) : (
        <List
          ariaLabel="Endpoints that need attention"
          items={concerned.slice(0, SHOWN)}
          disablePaddings
          renderItem={(endpoint) => ({
            id: endpoint.endpointID,
            content: (
              <SpaceBetween direction="horizontal" size="s">
                <ConditionIndicator endpoint={endpoint} />
                <Link href={paths.endpoint(endpoint.endpointID)} onFollow={follow}>
                  {endpoint.url}
                </Link>
              </SpaceBetween>
            ),
            secondaryContent: <InShort endpoint={endpoint} />,
            actions: <ResumeButton endpoint={endpoint} />,
          })}
        />
      )}
      {concerned.length > SHOWN && (
        <Box color="text-body-secondary">
          {concerned.length - SHOWN} more are in the list of all endpoints, the worst first
        </Box>
      )}
    </Container>
  );
}
