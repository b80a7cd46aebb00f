import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type Endpoint, needsAttention, worstFirst } from "../endpoints/condition";
import { useFollow } from "../shell/follow";
import { useWorkspace } from "../workspace";
import { AttentionItem } from "./attention-item";

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
        <StatusIndicator type="success">None: all that were called are healthy</StatusIndicator>
      ) : (
        <SpaceBetween size="m">
          {concerned.slice(0, SHOWN).map((endpoint) => (
            <AttentionItem key={endpoint.endpointID} endpoint={endpoint} />
          ))}
          {concerned.length > SHOWN && (
            <Box color="text-body-secondary">
              And {concerned.length - SHOWN} more in the list of all endpoints, the worst first
            </Box>
          )}
        </SpaceBetween>
      )}
    </Container>
  );
}
