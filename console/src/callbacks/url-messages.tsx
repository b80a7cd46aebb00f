import Box, { type BoxProps } from "@cloudscape-design/components/box";
import type { LineState } from "./line-states";
import { testOutcome } from "./test-outcome";
import type { UrlTest } from "./use-url-tests";

interface Props {
  /** ID by which the messages describe the text area. */
  id: string;
  lines: LineState[];
  tests: ReadonlyMap<string, UrlTest>;
}

/** Shows, in full, what is wrong with lines and why their tests have failed. It describes the text area. */
export function UrlMessages({ id, lines, tests }: Props) {
  return (
    <div id={id} className="url-messages">
      {lines.map((line) => {
        const message = messageOf(line, tests.get(line.url));
        return (
          message && (
            <Box key={line.number} variant="small" color={message.color} display="block">
              Line {line.number}: {message.text}
            </Box>
          )
        );
      })}
    </div>
  );
}

interface Message {
  color: BoxProps.Color;
  text: string;
}

function messageOf({ status, detail = "" }: LineState, test: UrlTest | undefined): Message | undefined {
  if (status === "invalid") {
    return { color: "text-status-error", text: detail };
  }
  if (status === "duplicate") {
    return { color: "text-status-warning", text: detail };
  }
  const outcome = test && testOutcome(test);
  return outcome?.detail
    ? { color: "text-body-secondary", text: `${outcome.text}. ${outcome.detail}` }
    : undefined;
}
