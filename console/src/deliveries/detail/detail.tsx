import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { POLL_INTERVAL_MS, query } from "../../api/client";
import { ErrorAlert } from "../../components/error-alert";
import { Loading } from "../../components/loading";
import { RelativeTime } from "../../components/time";
import { useEndpoints } from "../../endpoints/use-endpoints";
import { may, useSession } from "../../session/session";
import { useWorkspace } from "../../workspace";
import { DeliveryStatus } from "../columns";
import { ReplayOne } from "../replay/replay-one";
import { isUnrouted } from "../unrouted";
import { Attempts } from "./attempts";
import { deliverySummary } from "./delivery-summary";
import { Facts } from "./facts";
import { SentRequest } from "./sent-request";

/** Shows one delivery: its state, its attempts and its request. */
export function Detail({ deliveryID }: { deliveryID: string }) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const mayReplay = may(session, workspace, "deliveries:replay");
  const endpoints = useEndpoints({ enabled: may(session, workspace, "callbacks:read") });
  const response = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries/{deliveryID}",
    { params: { path: { workspace, deliveryID } } },
    { refetchInterval: POLL_INTERVAL_MS },
  );
  if (response.isPending) {
    return <Loading label="Loading the delivery" />;
  }
  if (!response.data) {
    return <ErrorAlert error={response.error} onRetry={() => response.refetch()} />;
  }
  const delivery = response.data;
  const summary = deliverySummary(
    delivery,
    endpoints.data?.endpoints.find(({ endpointID }) => endpointID === delivery.endpointID),
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
      <Alert type={summary.type} header={summary.title} statusIconAriaLabel={summary.type}>
        {summary.advice}
        {summary.lastAttempt && (
          <Box variant="p" color="inherit">
            Last attempt: {summary.lastAttempt}
          </Box>
        )}
        {summary.next && (
          <Box variant="p" color="inherit">
            Next attempt: <RelativeTime at={summary.next} />
          </Box>
        )}
      </Alert>
      <Facts delivery={delivery} />
      <Attempts attempts={delivery.attempts} count={delivery.attemptCount} />
      {!isUnrouted(delivery) && (
        <SentRequest request={delivery.request} completed={delivery.status !== "pending"} />
      )}
    </SpaceBetween>
  );
}
