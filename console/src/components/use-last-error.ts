import { useState } from "react";

interface Query {
  error: unknown;
  isPending: boolean;
  errorUpdateCount: number;
}

/**
 * Returns a query's error, and keeps it during a refetch. A query without data is pending then, so that its error
 * would flicker. Queries that follow each other have the same `subject`: each keeps the error of the one before.
 */
export function useLastError({ error, isPending, errorUpdateCount }: Query, subject?: string): unknown {
  const [last, setLast] = useState({ error, subject });
  if (!isPending && (last.error !== error || last.subject !== subject)) {
    setLast({ error, subject });
  }
  const isAgain = errorUpdateCount > 0 || (subject !== undefined && subject === last.subject);
  return isPending && isAgain ? last.error : error;
}
