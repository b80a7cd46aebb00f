import { useState } from "react";

interface Query {
  error: unknown;
  isPending: boolean;
  errorUpdateCount: number;
}

/**
 * Returns a query's error, and keeps it during a refetch. A query without data is pending then, so that its error
 * would flicker.
 */
export function useLastError({ error, isPending, errorUpdateCount }: Query): unknown {
  const [last, setLast] = useState(error);
  if (!isPending && last !== error) {
    setLast(error);
  }
  return isPending && errorUpdateCount > 0 ? last : error;
}
