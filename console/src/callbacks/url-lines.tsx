import type { EventType, Line } from "./form";
import { linesOf } from "./form";
import { UrlLine } from "./url-line";

interface Props {
  workspace: string;
  eventType: EventType;
  urls: string;
  errors: Line[];
  readOnly: boolean;
}

/** Lists the URLs, each with a test button. */
export function UrlLines({ workspace, eventType, urls, errors, readOnly }: Props) {
  const lines = linesOf(urls);
  if (lines.length === 0) {
    return null;
  }
  const hasError = (line: Line) => errors.some(({ number }) => number === line.number);
  return (
    <ol className="url-lines" aria-label={`URLs of ${eventType} callbacks, line by line`}>
      {lines.map((line, index) => (
        <UrlLine
          // The key follows the URL, so that a line keeps its test result when it moves.
          key={`${line.url} ${lines.slice(0, index).filter(({ url }) => url === line.url).length}`}
          workspace={workspace}
          eventType={eventType}
          line={line}
          invalid={hasError(line)}
          readOnly={readOnly}
        />
      ))}
    </ol>
  );
}
