import type { Schemas } from "../../api/client";

type Attempt = Schemas["Attempt"];

/** Number of last attempts whose response body is stored. */
const STORED_BODIES = 3;

/** An attempt, or the number of attempts that are not stored at this position. */
export type Row = { attempt: Attempt; bodyOmitted: boolean } | { omitted: number };

/** Returns the attempts, the latest first, with a row for each gap. `count` is the number of attempts made. */
export function rowsOf(attempts: Attempt[], count: number): Row[] {
  const latestFirst = [...attempts].reverse();
  return latestFirst.flatMap((attempt, index) => {
    const newer = latestFirst[index - 1]?.number ?? count + 1;
    const omitted = newer - attempt.number - 1;
    const row = { attempt, bodyOmitted: isBodyOmitted(attempt, count) };
    return omitted > 0 ? [{ omitted }, row] : [row];
  });
}

/** Returns `true` if the response may have had a body that is not stored. */
const isBodyOmitted = ({ number, status, body }: Attempt, count: number) =>
  body === "" && status !== null && number <= count - STORED_BODIES;

/** Formats a gap: `979 attempts not kept`. */
export const omittedLabel = (omitted: number) =>
  `${omitted.toLocaleString("en")} ${omitted === 1 ? "attempt" : "attempts"} not kept`;
