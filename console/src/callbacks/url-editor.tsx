import Icon, { type IconProps } from "@cloudscape-design/components/icon";
import { type ReactNode, useLayoutEffect, useRef } from "react";
import { capitalised } from "../labels/text";
import { afterPress } from "./after-press";
import type { EventType } from "./form";
import { type LineState, type LineStatus, lineAt } from "./line-states";
import type { UrlTest } from "./use-url-tests";

/** Returns the ID of the native text area, which receives the focus for an invalid line. */
export const textAreaId = (eventType: EventType) => `urls-${eventType}`;

interface Props {
  eventType: EventType;
  urls: string;
  lines: LineState[];
  tests: ReadonlyMap<string, UrlTest>;
  readOnly: boolean;
  /** IDs of the elements that describe the text area: errors and warnings of its lines. */
  describedBy: string;
  /** What stands beside the lines. */
  results: ReactNode;
  onChange: (urls: string) => void;
  /** Called with the line that is being typed, and without one when the typing has ended. */
  onEditLine: (number: number | undefined) => void;
}

const ICONS: Record<LineStatus, IconProps | undefined> = {
  valid: { name: "check", variant: "subtle", size: "small" },
  invalid: { name: "status-negative", variant: "error", size: "small" },
  duplicate: { name: "status-warning", variant: "warning", size: "small" },
  editing: undefined,
};

/** A text area with a URL per line. A gutter has the number and status of each line, and the results stand beside it. */
export function UrlEditor(props: Props) {
  const { eventType, urls, lines, tests, readOnly, describedBy, results, onChange, onEditLine } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const count = Math.max(urls.split("\n").length, 3);
  // The text area is as high as its text: the editor scrolls it together with the gutter.
  useLayoutEffect(() => area.current?.style.setProperty("--lines", String(count)), [count]);
  return (
    <div className="url-editor">
      <div className="gutter" aria-hidden="true">
        {Array.from({ length: count }, (_, index) => {
          const line = lines.find(({ number }) => number === index + 1);
          const icon = line && gutterIcon(line, tests.get(line.url));
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line of the gutter is its number
            <div key={index}>
              <span>{index + 1}</span>
              <span className="status">{icon && <Icon {...icon} />}</span>
            </div>
          );
        })}
      </div>
      <textarea
        ref={area}
        id={textAreaId(eventType)}
        wrap="off"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        readOnly={readOnly}
        value={urls}
        placeholder={`example: https://my-service.com/instance${capitalised(eventType)}`}
        aria-invalid={lines.some(({ status }) => status === "invalid")}
        aria-describedby={describedBy}
        onChange={({ target }) => {
          onEditLine(lineAt(target.value, target.selectionStart));
          onChange(target.value);
        }}
        onBlur={() => afterPress(() => onEditLine(undefined))}
      />
      {results}
    </div>
  );
}

/** Returns the icon of a line: the result of its test, if there is one. */
function gutterIcon({ status }: LineState, test: UrlTest | undefined): IconProps | undefined {
  if (status !== "valid" || test?.state !== "done") {
    return ICONS[status];
  }
  return test.result.delivered
    ? { name: "status-positive", variant: "success", size: "small" }
    : ICONS.invalid;
}

/** Selects a line of an event type's text area, and scrolls it into view. */
export function selectLine(eventType: EventType, [start, end]: [number, number]) {
  const area = document.getElementById(textAreaId(eventType));
  if (area instanceof HTMLTextAreaElement) {
    area.focus({ preventScroll: true });
    area.setSelectionRange(start, end);
    area.scrollLeft = 0;
    const editor = area.parentElement;
    const lines = area.value.split("\n").length;
    editor?.scrollTo({ top: (area.clientHeight / lines) * (lineAt(area.value, start) - 2) });
    editor?.scrollIntoView({ block: "nearest" });
  }
}
