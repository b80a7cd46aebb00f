import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { LIVE, query } from "../../api/client";
import { Refusal } from "../../components/error-alert";
import { Loading } from "../../components/loading";
import { Ago } from "../../components/time";
import { may, useSession } from "../../session/session";
import { useWorkspace } from "../../workspace";
import { DeliveryStatus } from "../columns";
import { useEndpoints } from "../endpoints";
import { ReplayOne } from "../replay/replay-one";
import { isUnrouted } from "../unrouted";
import { Attempts } from "./attempts";
import { standingOf } from "./delivery-summary";
import { Facts } from "./facts";
import { SentRequest } from "./sent-request";

/** One delivery: where it stands, what was sent, and what came of each attempt. */
export function Detail({ deliveryID }: { deliveryID: string }) {
  const { workspace } = useWorkspace();
  const mayReplay = may(useSession(), workspace, "deliveries:replay");
  const endpoints = useEndpoints({ live: true });
  const answer = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries/{deliveryID}",
    { params: { path: { workspace, deliveryID } } },
    { refetchInterval: LIVE },
  );
  if (answer.isPending) {
    return <Loading what="Loading the delivery" />;
  }
  if (!answer.data) {
    return <Refusal error={answer.error} onRetry={() => answer.refetch()} />;
  }
  const delivery = answer.data;
  const standing = standingOf(
    delivery,
    endpoints.find(({ endpointID }) => endpointID === delivery.endpointID),
  );
  return (
    <SpaceBetween size="l">
      <Header
        variant="h2"
        description={<DeliveryStatus status={delivery.status} />}
        actions={mayReplay && <ReplayOne delivery={delivery} />}
      >
        {delivery.instanceID}, {delivery.eventType}
      </Header>
      <Alert type={standing.type} header={standing.what} statusIconAriaLabel={standing.type}>
        {standing.todo}
        {standing.lastAttempt && (
          <Box variant="p" color="inherit">
            Last attempt: {standing.lastAttempt}
          </Box>
        )}
        {standing.next && (
          <Box variant="p" color="inherit">
            Next try: <Ago at={standing.next} />
          </Box>
        )}
      </Alert>
      <Facts delivery={delivery} />
      <Attempts attempts={delivery.attempts} count={delivery.attemptCount} />
      {!isUnrouted(delivery) && (
        <SentRequest request={delivery.request} over={delivery.status !== "pending"} />
      )}
    </SpaceBetween>
  );
}
