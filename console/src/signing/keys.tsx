import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { RelativeTime } from "../components/time";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { PreviousTable } from "./previous";
import { RotateAllDialog } from "./rotate-all-dialog";

/** Shows the key from which the secrets of all endpoints are derived, and rotates them. */
export function Keys({ signingKey }: { signingKey: Schemas["SigningKey"] }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const [dialogOpen, setDialogOpen] = useState(false);
  return (
    <>
      <Container
        header={
          <Header
            variant="h2"
            description="Each endpoint has a secret of its own. All are derived from one key, which is never shown"
            actions={
              <Button variant="primary" onClick={() => setDialogOpen(true)}>
                Rotate all
              </Button>
            }
          >
            Signing secrets
          </Header>
        }
      >
        <SpaceBetween size="l">
          <Box>
            The page of an endpoint shows its secret, and rotates it alone. See{" "}
            <Link href={paths.endpoints} onFollow={follow}>
              Endpoints
            </Link>
            .
          </Box>
          <KeyValuePairs
            columns={3}
            items={[
              {
                label: "Fingerprint of the key",
                value: <Box variant="code">{signingKey.fingerprint}</Box>,
              },
              { label: "Version", value: signingKey.version },
              { label: "Changed", value: <RelativeTime at={signingKey.changedAt} /> },
            ]}
          />
          {signingKey.previous.length > 0 && (
            <PreviousTable title="Previous keys" previous={signingKey.previous} />
          )}
        </SpaceBetween>
      </Container>
      {dialogOpen && <RotateAllDialog onClose={() => setDialogOpen(false)} />}
    </>
  );
}
