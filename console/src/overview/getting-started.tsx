import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { may, useSession } from "../session/session";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";

/** Shows the first steps in a workspace without endpoints and deliveries. */
export function GettingStarted() {
  const { workspace, paths } = useWorkspace();
  const session = useSession();
  const follow = useRouterLink();
  const mayChange = may(session, workspace, "callbacks:write");
  return (
    <Container>
      <Box textAlign="center" padding={{ vertical: "l" }}>
        <SpaceBetween size="s" alignItems="center">
          <Box variant="h2">Notify other applications when an instance changes</Box>
          <Box color="text-body-secondary">
            Each time an instance is created, updated or deleted, each configured URL gets a GET request.
            {!mayChange && " Ask a user with permission to change callbacks to set the first URL."}
          </Box>
          {mayChange && (
            <Button variant="primary" href={paths.editCallbacks} onFollow={follow}>
              Set callback URLs
            </Button>
          )}
          {session.config.tryIt && (
            <Button href={paths.tryIt} onFollow={follow}>
              Try it on this machine
            </Button>
          )}
        </SpaceBetween>
      </Box>
    </Container>
  );
}
