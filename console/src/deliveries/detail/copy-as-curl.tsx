import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { errorMessage } from "../../api/problem";
import { may, useSession } from "../../session/session";
import { allSecrets, readSecret } from "../../signing/read-secret";
import { useWorkspace } from "../../workspace";
import { curlOf } from "./curl";
import { signRequest } from "./sign-request";

type Outcome = "signed" | "unsigned" | { error: string };

interface Props {
  request: Schemas["DeliveryRequest"];
  endpointID: string;
}

/** Copies the request as a curl command: signed afresh for those who may read the endpoint's secret. */
export function CopyAsCurl({ request, endpointID }: Props) {
  const { workspace } = useWorkspace();
  const mayRead = may(useSession(), workspace, "signing-secret");
  const [copying, setCopying] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  // Browsers compute signatures only on pages served over https or from this machine.
  const signs = mayRead && crypto.subtle !== undefined;

  const copy = async () => {
    setCopying(true);
    setOutcome(undefined);
    try {
      const secret = signs && (await readSecret(workspace, endpointID));
      // Signed now, by all secrets that sign, as an attempt is.
      const shown = secret ? await signRequest(request, allSecrets(secret), Date.now()) : request;
      await navigator.clipboard.writeText(curlOf(shown));
      setOutcome(signs ? "signed" : "unsigned");
    } catch (error) {
      setOutcome({
        error: error instanceof DOMException ? "The browser blocked the copy" : errorMessage(error).detail,
      });
    }
    setCopying(false);
  };
  return (
    <SpaceBetween size="xxs">
      <Button iconName="copy" onClick={copy} loading={copying} loadingText="Signing">
        Copy as curl
      </Button>
      <span role="status">{outcome && <Copied outcome={outcome} />}</span>
    </SpaceBetween>
  );
}

function Copied({ outcome }: { outcome: Outcome }) {
  if (outcome === "signed") {
    return <StatusIndicator>Copied, signed now: valid for 5 minutes</StatusIndicator>;
  }
  return outcome === "unsigned" ? (
    <StatusIndicator type="warning">
      Copied without a signature: receivers that verify it reject the request
    </StatusIndicator>
  ) : (
    <StatusIndicator type="error">{outcome.error}</StatusIndicator>
  );
}
