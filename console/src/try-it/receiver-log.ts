import { useQuery, useQueryClient } from "@tanstack/react-query";
import { mergeLog } from "./arrival-times";
import { type LogUpdate, localApi } from "./local-api";

const KEY = ["local", "receiver-log"];

/** What came to the built-in receiver and how it answers; each call waits until there is news, so that it is seen at once. */
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
    // The next call follows the answer.
    refetchInterval: 50,
  });
}

/** Forgets what is shown. */
export function useClearLog() {
  const client = useQueryClient();
  return () => client.setQueryData<LogUpdate>(KEY, (log) => log && { ...log, requests: [] });
}
