import type { Schemas } from "../../api/client";

type Attempt = Schemas["AttemptBody"];

/** Number of last attempts of which the answer's body is kept. */
const BODIES = 3;

/** One row of the list: an attempt, or how many are not kept at this place. */
export type Row = { attempt: Attempt; bodyOmitted: boolean } | { omitted: number };

/** Returns the attempts, the latest first, with a row where numbers are missing. `count` is how many were made. */
export function rowsOf(attempts: Attempt[], count: number): Row[] {
  const latestFirst = [...attempts].reverse();
  return latestFirst.flatMap((attempt, index) => {
    const newer = latestFirst[index - 1]?.number ?? count + 1;
    const omitted = newer - attempt.number - 1;
    const row = { attempt, bodyOmitted: isBodyOmitted(attempt, count) };
    return omitted > 0 ? [{ omitted }, row] : [row];
  });
}

/** Whether an answer may have had a body that is not kept. */
const isBodyOmitted = ({ number, status, body }: Attempt, count: number) =>
  body === "" && status !== null && number <= count - BODIES;

/** `979 attempts not kept`. */
export const omittedLabel = (omitted: number) =>
  `${omitted.toLocaleString("en")} ${omitted === 1 ? "attempt" : "attempts"} not kept`;
