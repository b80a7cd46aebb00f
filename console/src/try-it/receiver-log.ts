import { useQuery, useQueryClient } from "@tanstack/react-query";
import { mergeLog } from "./arrival-times";
import { type LogUpdate, localApi } from "./local-api";

const KEY = ["local", "receiver-log"];

/** Polls the requests and behaviour of the built-in receiver. Each call waits for an update (long polling). */
export function useReceiverLog() {
  const client = useQueryClient();
  return useQuery<LogUpdate>({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<LogUpdate>(KEY);
      const query = { after: before?.last ?? 0, wait: before !== undefined };
      const { data, error } = await localApi.GET("/local/receiver-log", { params: { query }, signal });
      if (!data) {
        throw error;
      }
      return mergeLog(client.getQueryData<LogUpdate>(KEY), data);
    },
    // Starts the next long poll.
    refetchInterval: 50,
  });
}

/** Returns a function that clears the cached requests. */
export function useClearLog() {
  const client = useQueryClient();
  return () => client.setQueryData<LogUpdate>(KEY, (log) => log && { ...log, requests: [] });
}
