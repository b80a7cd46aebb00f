import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { useMemo, useState } from "react";
import { capitalised } from "../labels/text";
import { type EventType, type Fields, type LineError, urlsOf } from "./form";
import { urlCount } from "./labels";
import { lineStates } from "./line-states";
import { textAreaId, UrlEditor } from "./url-editor";
import { UrlMessages } from "./url-messages";
import { UrlResults } from "./url-results";
import { useUrlTests } from "./use-url-tests";

interface Props {
  workspace: string;
  eventType: EventType;
  fields: Fields;
  errors: LineError[];
  /** `true` if the user may not change the callbacks. */
  readOnly: boolean;
  expanded: boolean;
  helpOpen: boolean;
  onExpand: (expanded: boolean) => void;
  onChange: (fields: Partial<Fields>) => void;
  onHelp: () => void;
}

const ICON = (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <circle cx="8" cy="8" r="7" />
    <path d="M5.9 6.2a2.1 2.1 0 1 1 3.2 1.8c-.7.4-1.1.8-1.1 1.6" fill="none" />
    <path d="M8 11.3v.9" />
  </svg>
);

/** Shows the toggle, the help button and the URLs of one event type. The URLs can be collapsed. */
export function EventTypeFields(props: Props) {
  const { eventType, fields, readOnly, expanded, helpOpen, onExpand, onChange, onHelp } = props;
  const name = capitalised(eventType);
  const count = urlsOf(fields.urls).length;
  return (
    <section aria-label={`${name} callbacks`}>
      <SpaceBetween size="xs">
        <div className="event-type-header">
          <Toggle
            checked={fields.enabled}
            disabled={readOnly}
            onChange={({ detail }) => onChange({ enabled: detail.checked })}
          >
            <Box variant="span" fontWeight="bold">
              Enable {name} Callback
            </Box>
          </Toggle>
          <Button
            variant="icon"
            iconSvg={ICON}
            ariaLabel={`Help on ${eventType} callbacks`}
            ariaExpanded={helpOpen}
            onClick={onHelp}
          />
          <span className="spacer" />
          <Button
            variant="link"
            iconName={expanded ? "angle-up" : "angle-down"}
            iconAlign="right"
            ariaExpanded={expanded}
            ariaLabel={`${name}: ${urlCount(count)}`}
            onClick={() => onExpand(!expanded)}
          >
            {capitalised(urlCount(count))}
          </Button>
        </div>
        <div hidden={!expanded}>
          <Urls {...props} />
        </div>
        {!fields.enabled && count > 0 && !readOnly && (
          <Alert
            type="warning"
            statusIconAriaLabel="Warning"
            action={<Button onClick={() => onChange({ enabled: true })}>Turn on</Button>}
          >
            {name} callbacks are off: {count === 1 ? "this URL is" : "these URLs are"} kept, but not called.
          </Alert>
        )}
      </SpaceBetween>
    </section>
  );
}

/** Shows the editor of the URLs, the tests and the messages. */
function Urls({ workspace, eventType, fields, errors, readOnly, onChange }: Props) {
  const [editedLine, setEditedLine] = useState<number>();
  const { tests, testOne, testAll, testingAll, waitSeconds, stop } = useUrlTests(workspace, eventType);
  const lines = useMemo(() => lineStates(fields.urls, errors, editedLine), [fields.urls, errors, editedLine]);
  const testable = lines.filter(({ status }) => status === "valid").map(({ url }) => url);
  const messages = `${textAreaId(eventType)}-messages`;
  return (
    <SpaceBetween size="xxs">
      <div className="event-type-header">
        <label htmlFor={textAreaId(eventType)}>URLs called when an instance is {eventType}</label>
        <Box variant="small" color="text-body-secondary">
          One URL per line
        </Box>
        <span className="spacer" />
        {waitSeconds !== undefined && (
          <StatusIndicator type="pending">
            {`The limit of test calls per minute is reached. Continues in ${waitSeconds} s`}
          </StatusIndicator>
        )}
        {testingAll && (
          <Button variant="inline-link" ariaLabel={`Stop the tests of ${eventType} callbacks`} onClick={stop}>
            Stop
          </Button>
        )}
        {!readOnly && !testingAll && testable.length > 1 && (
          <Button
            variant="inline-link"
            ariaLabel={`Test all URLs of ${eventType} callbacks`}
            onClick={() => void testAll(testable)}
          >
            Test all
          </Button>
        )}
      </div>
      <UrlEditor
        eventType={eventType}
        urls={fields.urls}
        lines={lines}
        tests={tests}
        readOnly={readOnly}
        describedBy={messages}
        results={
          <UrlResults
            eventType={eventType}
            lines={lines}
            tests={tests}
            readOnly={readOnly}
            onTest={(url) => void testOne(url)}
          />
        }
        onChange={(urls) => onChange({ urls })}
        onEditLine={setEditedLine}
      />
      <UrlMessages id={messages} lines={lines} tests={tests} />
    </SpaceBetween>
  );
}
