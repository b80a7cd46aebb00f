import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Schemas } from "../api/client";
import { RelativeTime } from "../components/time";
import { PreviousTable } from "./previous";
import { SecretValue } from "./secret-value";

/** Shows the current and the previous secrets of an endpoint. */
export function Secrets({ secrets }: { secrets: Schemas["SigningSecret"] }) {
  return (
    <SpaceBetween size="l">
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Fingerprint", value: <Box variant="code">{secrets.fingerprint}</Box> },
          {
            label: "Origin",
            value: secrets.own ? "Set by a user" : "Derived from the workspace's key",
          },
          { label: "Changed", value: <RelativeTime at={secrets.changedAt} /> },
        ]}
      />
      <KeyValuePairs
        items={[
          {
            label: "Secret",
            // The key hides the value again when the secret changes.
            value: <SecretValue key={secrets.fingerprint} secret={secrets.secret} name="signing secret" />,
          },
        ]}
      />
      {secrets.previous.length > 0 && <PreviousTable title="Previous secrets" previous={secrets.previous} />}
    </SpaceBetween>
  );
}
