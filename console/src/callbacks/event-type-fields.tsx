import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";
import { capitalised } from "../labels/text";
import { type EventType, type Fields, type LineError, linesWithErrors } from "./form";
import { UrlLines } from "./url-lines";

interface Props {
  workspace: string;
  eventType: EventType;
  fields: Fields;
  errors: LineError[];
  /** `true` if the user may not change the callbacks. */
  readOnly: boolean;
  helpOpen: boolean;
  onChange: (fields: Partial<Fields>) => void;
  onHelp: () => void;
}

/** Returns the ID of the native text area, which receives the focus for an invalid line. */
export const textAreaId = (eventType: EventType) => `urls-${eventType}`;

const ICON = (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <circle cx="8" cy="8" r="7" />
    <path d="M5.9 6.2a2.1 2.1 0 1 1 3.2 1.8c-.7.4-1.1.8-1.1 1.6" fill="none" />
    <path d="M8 11.3v.9" />
  </svg>
);

/** Shows the toggle, the help button and the URLs of one event type. */
export function EventTypeFields(props: Props) {
  const { workspace, eventType, fields, errors, readOnly, helpOpen, onChange, onHelp } = props;
  const name = capitalised(eventType);
  const lines = linesWithErrors(errors, fields.urls);
  return (
    <section aria-label={`${name} callbacks`}>
      <SpaceBetween size="xs">
        <SpaceBetween direction="horizontal" size="xxs" alignItems="center">
          <Toggle
            checked={fields.enabled}
            disabled={readOnly}
            onChange={({ detail }) => onChange({ enabled: detail.checked })}
          >
            <Box variant="span" fontWeight="bold">
              Enable {name} Callback?
            </Box>
          </Toggle>
          <Button
            variant="icon"
            iconSvg={ICON}
            ariaLabel={`Help on ${eventType} callbacks`}
            ariaExpanded={helpOpen}
            onClick={onHelp}
          />
        </SpaceBetween>
        <FormField
          stretch
          label={`URLs called when an instance is ${eventType}`}
          constraintText="One URL per line"
          errorText={lines.length > 0 && <Errors lines={lines} />}
        >
          <Textarea
            controlId={textAreaId(eventType)}
            value={fields.urls}
            rows={Math.min(Math.max(fields.urls.split("\n").length, 2), 8)}
            readOnly={readOnly}
            spellcheck={false}
            autoComplete={false}
            placeholder={`example: https://my-service.com/instance${name}`}
            onChange={({ detail }) => onChange({ urls: detail.value })}
          />
        </FormField>
        <UrlLines
          workspace={workspace}
          eventType={eventType}
          urls={fields.urls}
          errors={lines}
          readOnly={readOnly}
        />
      </SpaceBetween>
    </section>
  );
}

function Errors({ lines }: { lines: { number: number; detail: string }[] }) {
  return lines.map(({ number, detail }) => (
    <div key={number}>
      Line {number}: {detail}
    </div>
  ));
}
