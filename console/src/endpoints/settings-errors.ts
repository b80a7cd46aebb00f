import { isProblem, type Problem } from "../api/problem";
import { capitalised } from "../labels/text";
import type { Where } from "./called-when";
import { errorsAtRow, incomplete, type RowErrors } from "./conditions-draft";
import { errorsAtHeader, type HeaderErrors, headerErrors } from "./secret-headers-draft";
import type { Fields } from "./settings-draft";

/** Errors by field. */
export interface FieldErrors {
  processNames?: string;
  changed?: string;
  /** The error of all conditions together. */
  where?: string;
  /** The errors of each condition. */
  conditions?: RowErrors[];
  maxPerSecond?: string;
  /** The error of all secret headers together. */
  secretHeaders?: string;
  /** The errors of each secret header. */
  headers?: HeaderErrors[];
  /** An error that belongs to no field. */
  other?: unknown;
}

const RATE_ERROR = "Enter a whole number from 1 to 1,000, or leave it empty for no limit.";
const NAMES_ERROR = "Enter at most 100 process names of at most 256 characters each.";

/** Returns the errors that are known without the API; `undefined` if there are none. */
export function localErrors(
  { conditions, maxPerSecond, secretHeaders }: Fields,
  stored: Where,
): FieldErrors | undefined {
  const rows = incomplete(conditions, stored);
  const headers = headerErrors(secretHeaders);
  const isIncomplete = [...rows, ...headers].some((errors) => Object.keys(errors).length > 0);
  // `NaN` becomes `null` in JSON, which would remove the limit.
  const invalidRate = Number.isNaN(Number(maxPerSecond.trim()));
  return isIncomplete || invalidRate
    ? { conditions: rows, headers, maxPerSecond: invalidRate ? RATE_ERROR : undefined }
    : undefined;
}

/** Returns those errors of the subscription alone. */
export const subscriptionErrors = (fields: Fields, stored: Where) =>
  localErrors({ ...fields, maxPerSecond: "", secretHeaders: [] }, stored);

/** Assigns the API's error to its field. */
export function fieldErrors(
  error: unknown,
  { conditions, secretHeaders }: Fields,
  stored: Where,
): FieldErrors {
  if (!isProblem(error)) {
    return { other: error ?? undefined };
  }
  const field = error.field ?? "";
  switch (/^\w*/.exec(field)?.[0]) {
    case "maxPerSecond":
      return { maxPerSecond: RATE_ERROR };
    case "processNames":
      return { processNames: NAMES_ERROR };
    case "changed":
      return { changed: detailOf(error) };
    case "where": {
      const rows = errorsAtRow(conditions, stored, field, detailOf(error));
      return rows ? { conditions: rows } : { where: detailOf(error) };
    }
    case "secretHeaders": {
      const headers = errorsAtHeader(secretHeaders, field, detailOf(error));
      return headers ? { headers } : { secretHeaders: detailOf(error) };
    }
    default:
      return { other: error };
  }
}

/** Returns the detail as a sentence, without its place in the JSON: the message stands at the field. */
const detailOf = ({ detail, field }: Problem) =>
  `${capitalised(detail.replace(`in ${field}: `, "").replace(/ at line \d+ column \d+$/, ""))}.`;
