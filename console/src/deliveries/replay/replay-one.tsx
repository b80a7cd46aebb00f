import Button from "@cloudscape-design/components/button";
import { query } from "../../api/client";
import { wordsOf } from "../../api/problem";
import { useNotices } from "../../shell/notices";
import { useWorkspace } from "../../workspace";
import type { Delivery } from "../log";
import { readAgain } from "./changed";
import { SAME_ID } from "./words";

/** Sends one delivery again. One that is pending is tried now. */
export function ReplayOne({ delivery }: { delivery: Delivery }) {
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
        content: SAME_ID,
      });
      return readAgain();
    },
    onError: (error) => {
      const { title, detail } = wordsOf(error);
      notify({ id, type: "error", header: title, content: detail });
    },
  });
  const setAside = status === "pending" && delivery.dueAt !== null;
  if (status === "pending" && !setAside) {
    return null;
  }
  return (
    <Button
      onClick={() => replay.mutate({ params: { path: { workspace, deliveryID } } })}
      loading={replay.isPending}
      loadingText="Replaying"
    >
      {setAside ? "Try now" : "Replay"}
    </Button>
  );
}
