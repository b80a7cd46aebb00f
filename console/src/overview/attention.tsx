import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import List from "@cloudscape-design/components/list";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useHeldOrder } from "../components/use-held-order";
import { useHoverAndFocus } from "../components/use-hover-and-focus";
import { useKeptFocus } from "../components/use-kept-focus";
import { ActionButtons } from "../endpoints/action-buttons";
import { type Endpoint, needsAttention, worstFirst } from "../endpoints/condition";
import { ConditionIndicator } from "../endpoints/condition-indicator";
import { nameOf } from "../endpoints/names";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { EndpointSummary } from "./endpoint-summary";

/** Number of endpoints shown. The list of endpoints has the rest. */
const MAX_SHOWN = 5;

/** Lists the endpoints that need attention, the worst first. */
export function Attention({ endpoints }: { endpoints: Endpoint[] }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const { active, area } = useHoverAndFocus();
  const affected = useHeldOrder(endpoints.filter(needsAttention).sort(worstFirst), active);
  const { container, onPress } = useKeptFocus(affected.map(({ endpointID }) => endpointID).join());
  return (
    <div ref={container} onClickCapture={onPress} {...area}>
      <Container
        header={
          <Header
            variant="h2"
            counter={affected.length > 0 ? `(${affected.length})` : undefined}
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
        {affected.length === 0 ? (
          <StatusIndicator type="success">
            None: no endpoint is damaged, disabled, failing or paused
          </StatusIndicator>
        ) : (
          <List
            ariaLabel="Endpoints that need attention"
            items={affected.slice(0, MAX_SHOWN)}
            disablePaddings
            renderItem={(endpoint) => ({
              id: endpoint.endpointID,
              content: (
                <SpaceBetween direction="horizontal" size="s">
                  <ConditionIndicator endpoint={endpoint} />
                  <Link href={paths.endpoint(endpoint.endpointID)} onFollow={follow}>
                    {nameOf(endpoint)}
                  </Link>
                </SpaceBetween>
              ),
              secondaryContent: <EndpointSummary endpoint={endpoint} />,
              actions: <ActionButtons endpoint={endpoint} />,
            })}
          />
        )}
        {affected.length > MAX_SHOWN && (
          <Box color="text-body-secondary">
            {affected.length - MAX_SHOWN} more are in the list of all endpoints
          </Box>
        )}
      </Container>
    </div>
  );
}
