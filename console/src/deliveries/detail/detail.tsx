import SpaceBetween from "@cloudscape-design/components/space-between";
import { POLL_INTERVAL_MS, query } from "../../api/client";
import { ErrorAlert } from "../../components/error-alert";
import { Loading } from "../../components/loading";
import { useLastError } from "../../components/use-last-error";
import { useEndpoints } from "../../endpoints/use-endpoints";
import { may, useSession } from "../../session/session";
import { useWorkspace } from "../../workspace";
import { isUnrouted } from "../unrouted";
import { Attempts } from "./attempts";
import { Facts } from "./facts";
import { SentRequest } from "./sent-request";
import { Situation } from "./situation";
import { Title } from "./title";

interface Props {
  deliveryID: string;
  previous: (() => void) | undefined;
  next: (() => void) | undefined;
  /** Whether the title gets the focus as soon as it is shown. */
  takesFocus: boolean;
  onFocused: () => void;
}

/** Shows one delivery: its state, its attempts, its request, and its ids last. */
export function Detail({ deliveryID, previous, next, takesFocus, onFocused }: Props) {
  const { workspace } = useWorkspace();
  const session = useSession();
  const endpoints = useEndpoints({ enabled: may(session, workspace, "callbacks:read") }).data?.endpoints;
  const response = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/deliveries/{deliveryID}",
    { params: { path: { workspace, deliveryID } } },
    { refetchInterval: POLL_INTERVAL_MS },
  );
  const error = useLastError(response);
  if (!response.data) {
    return error ? (
      <ErrorAlert error={error} onRetry={() => response.refetch()} />
    ) : (
      <Loading label="Loading the delivery" />
    );
  }
  const delivery = response.data;
  return (
    <SpaceBetween size="l">
      <SpaceBetween size="s">
        <Title
          delivery={delivery}
          previous={previous}
          next={next}
          takesFocus={takesFocus}
          onFocused={onFocused}
        />
        <Situation delivery={delivery} endpoints={endpoints} />
      </SpaceBetween>
      <Attempts attempts={delivery.attempts} count={delivery.attemptCount} />
      {!isUnrouted(delivery) && (
        <SentRequest
          request={delivery.request}
          endpointID={delivery.endpointID}
          completed={delivery.status !== "pending"}
        />
      )}
      <Facts delivery={delivery} />
    </SpaceBetween>
  );
}
