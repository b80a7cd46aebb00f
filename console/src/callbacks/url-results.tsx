import Button from "@cloudscape-design/components/button";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { capitalised } from "../labels/text";
import type { EventType } from "./form";
import type { LineState } from "./line-states";
import { testOutcome } from "./test-outcome";
import type { UrlTest } from "./use-url-tests";

interface Props {
  eventType: EventType;
  lines: LineState[];
  tests: ReadonlyMap<string, UrlTest>;
  readOnly: boolean;
  onTest: (url: string) => void;
}

/** Lists, beside the lines, what is wrong with each or how its test ended, and a button that tests it. */
export function UrlResults({ eventType, lines, tests, readOnly, onTest }: Props) {
  return (
    <ol className="results" aria-label={`URLs of ${eventType} callbacks, line by line`}>
      {lines.map((line) => {
        const { number, url, status } = line;
        const pending = tests.get(url)?.state === "pending";
        return (
          <li key={number} value={number} style={{ gridRow: number }}>
            <span className="outcome" role="status">
              <Outcome line={line} test={tests.get(url)} />
            </span>
            {!readOnly && status !== "duplicate" && (
              <Button
                variant="inline-link"
                ariaLabel={`Test ${url}`}
                disabled={pending}
                onClick={() => onTest(url)}
              >
                Test
              </Button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Outcome({ line: { status, detail }, test }: { line: LineState; test: UrlTest | undefined }) {
  if (status === "invalid") {
    return <StatusIndicator type="error">{capitalised(detail ?? "")}</StatusIndicator>;
  }
  if (status === "duplicate") {
    return <StatusIndicator type="warning">{capitalised(detail ?? "")}</StatusIndicator>;
  }
  if (!test) {
    return null;
  }
  const outcome = testOutcome(test);
  return <StatusIndicator type={outcome.type}>{outcome.text}</StatusIndicator>;
}
