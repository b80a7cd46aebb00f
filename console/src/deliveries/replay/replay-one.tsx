import Button from "@cloudscape-design/components/button";
import { useMutation } from "@tanstack/react-query";
import { api, type Schemas } from "../../api/client";
import { errorMessage } from "../../api/problem";
import { useKeptFocus } from "../../components/use-kept-focus";
import { may, useSession } from "../../session/session";
import { useNotices } from "../../shell/notices";
import { useWorkspace } from "../../workspace";
import { invalidateDeliveries } from "./invalidate";
import { SAME_ID_NOTE } from "./labels";
import type { Offer } from "./offer";
import { reEnable } from "./re-enable";

interface Props {
  delivery: Schemas["DeliveryWithAttempts"];
  offer: Offer;
}

/** Replays one delivery, after its endpoint is re-enabled if it has to be. A deferred delivery is attempted now. */
export function ReplayOne({ delivery, offer }: Props) {
  const { workspace } = useWorkspace();
  const mayReEnable = may(useSession(), workspace, "callbacks:write");
  const { notify } = useNotices();
  const { container, onPress } = useKeptFocus(offer.kind);
  const { deliveryID, endpointID, instanceID, eventType } = delivery;
  const id = `replay ${deliveryID}`;
  const replay = useMutation({
    mutationFn: async () => {
      if (offer.kind === "re-enable") {
        await reEnable(workspace, endpointID);
      }
      const { error } = await api.POST("/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", {
        params: { path: { workspace, deliveryID } },
      });
      if (error) {
        throw error;
      }
    },
    onSuccess: () =>
      notify({
        id,
        type: "success",
        header: `Replaying the delivery of ${instanceID}, ${eventType}`,
        content: offer.kind === "re-enable" ? `The endpoint is re-enabled. ${SAME_ID_NOTE}` : SAME_ID_NOTE,
      }),
    onError: (error) => {
      const { title, detail } = errorMessage(error);
      notify({ id, type: "error", header: title, content: detail });
    },
    // The endpoint may be re-enabled even if the replay failed.
    onSettled: invalidateDeliveries,
  });
  const forbidden = offer.kind === "re-enable" && !mayReEnable;
  const obstacle =
    offer.kind === "impossible"
      ? offer.reason
      : forbidden
        ? "The endpoint is disabled. Ask someone who may change callbacks to re-enable it."
        : undefined;
  const press = () => {
    onPress();
    replay.mutate();
  };
  return (
    <div ref={container}>
      {offer.kind !== "none" && (
        <Button
          onClick={press}
          loading={replay.isPending}
          loadingText="Replaying"
          disabled={obstacle !== undefined}
          disabledReason={obstacle}
        >
          {LABELS[offer.kind]}
        </Button>
      )}
    </div>
  );
}

const LABELS = {
  replay: "Replay",
  impossible: "Replay",
  retry: "Retry now",
  "re-enable": "Re-enable endpoint and replay",
};
