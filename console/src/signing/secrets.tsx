import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { ListTable } from "../components/list-table";
import { RelativeTime, Time } from "../components/time";
import { OwnSecretDialog } from "./own-secret-dialog";
import { RotateDialog } from "./rotate-dialog";
import { SecretValue } from "./secret-value";

/** Shows the current and the previous secrets, and the actions that change them. */
export function Secrets({ secrets }: { secrets: Schemas["SigningSecret"] }) {
  const [dialog, setDialog] = useState<"rotate" | "own">();
  const close = () => setDialog(undefined);
  return (
    <>
      <Container
        header={
          <Header
            variant="h2"
            description="Signs every callback request. Share it with receivers only"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => setDialog("own")}>Set your own</Button>
                <Button variant="primary" onClick={() => setDialog("rotate")}>
                  Rotate
                </Button>
              </SpaceBetween>
            }
          >
            Signing secret
          </Header>
        }
      >
        <SpaceBetween size="l">
          <KeyValuePairs
            columns={3}
            items={[
              { label: "Fingerprint", value: <Box variant="code">{secrets.fingerprint}</Box> },
              { label: "Version", value: secrets.version },
              { label: "Changed", value: <RelativeTime at={secrets.changedAt} /> },
            ]}
          />
          <KeyValuePairs
            items={[
              {
                label: "Secret",
                // The key hides the value again when the secret changes.
                value: (
                  <SecretValue key={secrets.fingerprint} secret={secrets.secret} name="signing secret" />
                ),
              },
            ]}
          />
          {secrets.previous.length > 0 && <Previous secrets={secrets.previous} />}
        </SpaceBetween>
      </Container>
      {dialog === "rotate" && <RotateDialog fingerprint={secrets.fingerprint} onClose={close} />}
      {dialog === "own" && <OwnSecretDialog onClose={close} />}
    </>
  );
}

function Previous({ secrets }: { secrets: Schemas["PreviousSecret"][] }) {
  return (
    <ListTable
      variant="borderless"
      header={
        <Header
          variant="h3"
          counter={`(${secrets.length})`}
          description="Still used for signing until they expire"
        >
          Previous secrets
        </Header>
      }
      ariaLabels={{ tableLabel: "Previous secrets" }}
      enableKeyboardNavigation
      wrapLines
      items={secrets}
      trackBy="fingerprint"
      columnDefinitions={[
        {
          id: "fingerprint",
          header: "Fingerprint",
          isRowHeader: true,
          cell: ({ fingerprint }) => <Box variant="code">{fingerprint}</Box>,
        },
        {
          id: "expires",
          header: "Expires",
          cell: ({ expiresAt }) => (
            <>
              <RelativeTime at={expiresAt} /> (<Time at={expiresAt} />)
            </>
          ),
        },
        {
          id: "secret",
          header: "Secret",
          cell: ({ secret, fingerprint }) => <SecretValue secret={secret} name={`secret ${fingerprint}`} />,
        },
      ]}
    />
  );
}
