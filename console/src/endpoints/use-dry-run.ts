import { query } from "../api/client";
import { useLastError } from "../components/use-last-error";
import { useWorkspace } from "../workspace";
import type { Subscription } from "./called-when";
import type { Endpoint } from "./condition";

/** Tries a subscription on the last events. `tried` is that of the result. */
export function useDryRun({ endpointID }: Endpoint) {
  const { workspace } = useWorkspace();
  const { mutate, data, variables, isPending, error, reset } = query.useMutation(
    "post",
    "/v1/workspaces/{workspace}/endpoints/{endpointID}/dry-run",
  );
  return {
    run: (body: Subscription) => mutate({ params: { path: { workspace, endpointID } }, body }),
    result: data,
    tried: variables?.body,
    isPending,
    // It stays while the call is made again, and with it the focus on its button.
    error: useLastError({ error, isPending, errorUpdateCount: 1 }),
    clearError: () => error && reset(),
  };
}
