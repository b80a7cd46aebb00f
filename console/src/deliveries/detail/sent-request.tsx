import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Schemas } from "../../api/client";
import { Verbatim } from "../../components/verbatim";
import { curlOf } from "./curl";

interface Props {
  request: Schemas["DeliveryRequest"];
  /** `true` if no further attempt is made. */
  completed: boolean;
}

/** Shows the request as the receiver gets it, and as a curl command. */
export function SentRequest({ request, completed }: Props) {
  const { method, url, headers } = request;
  const text = [`${method} ${url}`, ...headers.map(({ name, value }) => `${name}: ${value}`)].join("\n");
  return (
    <SpaceBetween size="xs">
      <Header
        variant="h3"
        description={completed ? "As it was sent at the last attempt" : "As the next attempt sends it"}
        actions={
          <CopyToClipboard
            textToCopy={curlOf(request)}
            copyButtonText="Copy as curl"
            copySuccessText="The command is copied"
            copyErrorText="The browser blocked the copy"
          />
        }
      >
        Request
      </Header>
      <Verbatim text={text} label="Request" />
      <Box variant="small" color="text-body-secondary">
        Each attempt also has a webhook-timestamp and a webhook-signature of its own. They are not stored, so
        the curl command omits them: a receiver that verifies signatures rejects it.
      </Box>
    </SpaceBetween>
  );
}
