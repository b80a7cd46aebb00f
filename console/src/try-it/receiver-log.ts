import { useQuery, useQueryClient } from "@tanstack/react-query";
import { mergeLog } from "./arrival-times";
import { type LogUpdate, localApi } from "./local-api";

const keyOf = (workspace: string) => ["local", "receiver-log", workspace];

/** Polls the workspace's requests to the built-in receiver, and its behaviour. Each call waits for an update (long polling). */
export function useReceiverLog(workspace: string) {
  const client = useQueryClient();
  const key = keyOf(workspace);
  return useQuery<LogUpdate>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<LogUpdate>(key);
      const query = { after: before?.last ?? 0, wait: before !== undefined, workspace };
      const { data, error } = await localApi.GET("/local/receiver-log", { params: { query }, signal });
      if (!data) {
        throw error;
      }
      return mergeLog(client.getQueryData<LogUpdate>(key), data);
    },
    // Starts the next long poll.
    refetchInterval: 50,
  });
}

/** Returns a function that clears the cached requests. */
export function useClearLog(workspace: string) {
  const client = useQueryClient();
  return () => client.setQueryData<LogUpdate>(keyOf(workspace), (log) => log && { ...log, requests: [] });
}
