import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Copyable } from "../../components/copyable";
import { Time } from "../../components/time";
import { may, useSession } from "../../session/session";
import { useRouterLink } from "../../shell/use-router-link";
import { useWorkspace } from "../../workspace";
import { writeFilter } from "../filter";
import type { Delivery } from "../log";
import { isUnrouted, urlLabel } from "../unrouted";

/** Lists the properties of a delivery, with copy buttons and links. */
export function Facts({ delivery }: { delivery: Delivery }) {
  const { workspace, paths } = useWorkspace();
  const maySeeEndpoints = may(useSession(), workspace, "callbacks:read");
  const follow = useRouterLink();
  const { instanceID, processName, eventType, changedAt, url, endpointID, eventID, deliveryID } = delivery;
  return (
    <SpaceBetween size="m">
      <KeyValuePairs
        columns={2}
        items={[
          { label: "Event", value: eventType },
          { label: "Instance changed", value: <Time at={changedAt} /> },
        ]}
      />
      <KeyValuePairs
        columns={1}
        items={[
          {
            label: "Instance",
            value: (
              <SpaceBetween size="xxxs">
                <Copyable text={instanceID} name="the instance's ID" />
                <Link href={`${paths.deliveries}${writeFilter({ instanceID })}`} onFollow={follow}>
                  All deliveries of this instance
                </Link>
              </SpaceBetween>
            ),
          },
          { label: "Process", value: <Copyable text={processName} name="the process's name" /> },
          {
            label: "Endpoint",
            value: isUnrouted(delivery) ? (
              urlLabel(delivery)
            ) : (
              <SpaceBetween size="xxxs">
                <Copyable text={url} name="the endpoint's URL" />
                {maySeeEndpoints && (
                  <Link href={paths.endpoint(endpointID)} onFollow={follow}>
                    View endpoint
                  </Link>
                )}
              </SpaceBetween>
            ),
          },
          { label: "Event ID (webhook-id)", value: <Copyable text={eventID} name="the event's ID" /> },
          { label: "Delivery ID", value: <Copyable text={deliveryID} name="the delivery's ID" /> },
        ]}
      />
    </SpaceBetween>
  );
}
