import Alert from "@cloudscape-design/components/alert";
import Link from "@cloudscape-design/components/link";
import { query } from "../api/client";
import { problemType } from "../api/problem";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";

/** Names the URL whose changes are shown, and links to its endpoint while it exists. */
export function OneUrl({ endpointID, url }: { endpointID: string; url: string | undefined }) {
  const { workspace, paths } = useWorkspace();
  const follow = useRouterLink();
  const path = { workspace, endpointID };
  const endpoint = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/endpoints/{endpointID}",
    { params: { path } },
    { retry: false },
  );
  const isRemoved = problemType(endpoint.error) === "unknown-endpoint";
  return (
    <Alert type="info" statusIconAriaLabel="Info">
      Changes that concern <span className="breaks-anywhere">{endpoint.data?.url ?? url ?? endpointID}</span>.{" "}
      {endpoint.data && (
        <Link href={paths.endpoint(endpointID)} onFollow={follow}>
          View the endpoint
        </Link>
      )}
      {isRemoved && "This URL is no longer configured."}
    </Alert>
  );
}
