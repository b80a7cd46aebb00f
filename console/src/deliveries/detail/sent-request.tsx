import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Schemas } from "../../api/client";
import { Expandable } from "../../components/expandable";
import { Verbatim } from "../../components/verbatim";
import { CopyAsCurl } from "./copy-as-curl";
import { Pairs } from "./pairs";
import { parametersOf } from "./parameters";

interface Props {
  request: Schemas["DeliveryRequest"];
  endpointID: string;
  /** `true` if no further attempt is made. */
  completed: boolean;
}

/** Shows the request as the receiver gets it: its parameters decoded, then all of it. */
export function SentRequest({ request, endpointID, completed }: Props) {
  const { method, url, headers } = request;
  const text = [`${method} ${url}`, ...headers.map(({ name, value }) => `${name}: ${value}`)].join("\n");
  return (
    <SpaceBetween size="xs">
      <Header
        variant="h3"
        description={completed ? "As sent at the last attempt" : "As the next attempt sends it"}
        actions={<CopyAsCurl request={request} endpointID={endpointID} />}
      >
        Request
      </Header>
      <Pairs label="Parameters" pairs={parametersOf(url)} />
      <Expandable variant="footer" headerText="Raw request">
        <Verbatim text={text} label="Request" />
        <Box variant="small" color="text-body-secondary">
          Each attempt also has its own webhook-timestamp and webhook-signature, which are not stored.
        </Box>
      </Expandable>
    </SpaceBetween>
  );
}
