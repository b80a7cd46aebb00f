import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { api, type Schemas } from "../../api/client";
import { errorMessage } from "../../api/problem";
import { may, useSession } from "../../session/session";
import { useWorkspace } from "../../workspace";
import { curlOf } from "./curl";
import { signRequest } from "./sign-request";

type Outcome = "signed" | "unsigned" | { error: string };

/** Copies the request as a curl command: signed afresh for those who may read the secret. */
export function CopyAsCurl({ request }: { request: Schemas["DeliveryRequest"] }) {
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
      await navigator.clipboard.writeText(signs ? await signedCurl(workspace, request) : curlOf(request));
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

/** Returns the request as a curl command, signed now by the workspace's secrets as an attempt is. */
async function signedCurl(workspace: string, request: Schemas["DeliveryRequest"]): Promise<string> {
  const { data, error } = await api.GET("/v1/workspaces/{workspace}/signing-secret", {
    params: { path: { workspace } },
  });
  if (error) {
    throw error;
  }
  const secrets = [data.secret, ...data.previous.map(({ secret }) => secret)];
  return curlOf(await signRequest(request, secrets, Date.now()));
}
