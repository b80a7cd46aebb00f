import { type Line, type LineError, linesOf } from "./form";
import { normalUrl, urlMistake } from "./urls";

export type LineStatus = "valid" | "invalid" | "duplicate" | "editing";

/** A non-blank line with its status. */
export interface LineState extends Line {
  status: LineStatus;
  /** Reason of the status: what is wrong, or which line it repeats. */
  detail?: string;
  /** Whether the API has rejected the line. Otherwise the mistake was found while typing. */
  rejected?: boolean;
}

/**
 * Returns the status of each line. An error of the API takes precedence over a mistake found here. The line that is
 * being typed has no mistake yet.
 */
export function lineStates(urls: string, errors: LineError[], editedLine: number | undefined): LineState[] {
  const first = new Map<string, number>();
  return linesOf(urls).map((line): LineState => {
    const error = errors.find(({ url }) => url === line.url);
    if (error) {
      return { ...line, status: "invalid", detail: error.detail, rejected: true };
    }
    const mistake = urlMistake(line.url);
    if (mistake) {
      return line.number === editedLine
        ? { ...line, status: "editing" }
        : { ...line, status: "invalid", detail: mistake };
    }
    const normal = normalUrl(line.url);
    const earlier = first.get(normal);
    if (earlier !== undefined) {
      return {
        ...line,
        status: "duplicate",
        detail: `the same URL as line ${earlier}; it is saved and called once`,
      };
    }
    first.set(normal, line.number);
    return { ...line, status: "valid" };
  });
}

/** Returns the number of the line that contains an offset in the text. */
export const lineAt = (text: string, offset: number) => text.slice(0, offset).split("\n").length;
