import Button from "@cloudscape-design/components/button";
import { query, type Schemas } from "../../api/client";
import { errorMessage } from "../../api/problem";
import { useNotices } from "../../shell/notices";
import { useWorkspace } from "../../workspace";
import { isDeferred } from "../deferred";
import { invalidateDeliveries } from "./invalidate";
import { SAME_ID_NOTE } from "./labels";

/**
 * Replays one delivery. A deferred delivery is attempted now. Other pending deliveries have no button, because they
 * are retried anyway.
 */
export function ReplayOne({ delivery }: { delivery: Schemas["DeliveryWithAttempts"] }) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const { deliveryID, instanceID, eventType, status } = delivery;
  const id = `replay ${deliveryID}`;
  const replay = query.useMutation("post", "/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", {
    onSuccess: () => {
      notify({
        id,
        type: "success",
        header: `The delivery of ${instanceID}, ${eventType}, is sent again`,
        content: SAME_ID_NOTE,
      });
      return invalidateDeliveries();
    },
    onError: (error) => {
      const { title, detail } = errorMessage(error);
      notify({ id, type: "error", header: title, content: detail });
    },
  });
  const deferred = isDeferred(delivery);
  if (status === "pending" && !deferred) {
    return null;
  }
  return (
    <Button
      onClick={() => replay.mutate({ params: { path: { workspace, deliveryID } } })}
      loading={replay.isPending}
      loadingText="Replaying"
    >
      {deferred ? "Retry now" : "Replay"}
    </Button>
  );
}
