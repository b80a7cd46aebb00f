import { api, queryClient } from "../api/client";
import { errorMessage } from "../api/problem";
import { EVENT_TYPES } from "../labels/reasons";
import { useNotices } from "../shell/notices";
import { type Callbacks, each } from "./form";
import { enabledSummary, needsAttention } from "./labels";
import { storedCallbacksKey } from "./stored";

/** Returns a function that shows the notice after saving. If nothing is enabled, the notice offers to change that. */
export function useSavedNotice(workspace: string) {
  const { notify } = useNotices();

  const turnOn = async (callbacks: Callbacks) => {
    const enabled = each((eventType) => {
      const { urls } = callbacks[eventType];
      return { enabled: urls.length > 0, urls };
    });
    const { data, error } = await api
      .PUT("/v1/workspaces/{workspace}/callbacks", {
        params: { path: { workspace } },
        body: { ...enabled, version: callbacks.version },
      })
      .catch((error) => ({ data: undefined, error }));
    if (data) {
      queryClient.setQueryData(storedCallbacksKey(workspace), data);
      notifySaved(data);
    } else {
      const { title, detail } = errorMessage(error);
      notify({ id: "callbacks", type: "error", header: `Nothing was turned on: ${title}`, content: detail });
    }
  };

  const notifySaved = (callbacks: Callbacks) => {
    const someUrls = EVENT_TYPES.some((eventType) => callbacks[eventType].urls.length > 0);
    const allOff = EVENT_TYPES.every((eventType) => !callbacks[eventType].enabled);
    notify({
      id: "callbacks",
      type: needsAttention(callbacks) ? "warning" : "success",
      header: "Callback URLs saved",
      content: enabledSummary(callbacks),
      ...(allOff && someUrls && { action: { text: "Turn on", onClick: () => void turnOn(callbacks) } }),
    });
  };

  return notifySaved;
}
