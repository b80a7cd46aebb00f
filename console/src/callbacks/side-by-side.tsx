import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { capitalised } from "../labels/text";
import type { Choices } from "./conflict-choices";
import { type Choice, withMarks } from "./differences";
import { type EventType, type Fields, urlsOf } from "./form";
import { urlCount } from "./labels";

interface Props {
  eventType: EventType;
  choices: Choices;
  choice: Choice | undefined;
  /** `true` if the user tried to save without a choice. */
  missing: boolean;
  onChoose: (choice: Choice) => void;
}

const CHANGED_BY_LABELS: Record<Choices["changedBy"], string> = {
  both: "Both of you have changed this",
  theirs: "Only they have changed this",
  mine: "Only you have changed this",
};

/** Shows the saved and the unsaved settings of an event type, and a choice between them or of both. */
export function SideBySide({ eventType, choices, choice, missing, onChoose }: Props) {
  const { theirs, mine, both, changedBy } = choices;
  const name = capitalised(eventType);
  const sameUrls = [...withMarks(theirs, mine), ...withMarks(mine, theirs)].every(
    ({ onlyHere }) => !onlyHere,
  );
  return (
    <section aria-label={`${name} callbacks: versions`}>
      <SpaceBetween size="xs">
        <Box variant="h3">{name}</Box>
        <ColumnLayout columns={2} borders="vertical">
          <OneSide
            label={`${name}: theirs, saved`}
            title="Theirs, saved"
            fields={theirs}
            other={mine}
            only="Only theirs"
          />
          <OneSide
            label={`${name}: yours, not saved`}
            title="Yours, not saved"
            fields={mine}
            other={theirs}
            only="Only yours"
          />
        </ColumnLayout>
        <FormField
          label={`Which version of ${name} do you want to keep?`}
          description={
            sameUrls && theirs.enabled === mine.enabled
              ? "The order of the URLs differs"
              : CHANGED_BY_LABELS[changedBy]
          }
          errorText={missing && "Choose a version"}
        >
          <RadioGroup
            value={choice ?? null}
            direction="horizontal"
            items={[
              ...(both ? [{ value: "both", label: bothLabel(both, theirs, mine) }] : []),
              { value: "theirs", label: "Use theirs" },
              { value: "mine", label: "Keep mine" },
            ]}
            onChange={({ detail }) => onChoose(detail.value as Choice)}
          />
        </FormField>
      </SpaceBetween>
    </section>
  );
}

/** Names what the changes of both sides add up to. */
function bothLabel(both: Fields, theirs: Fields, mine: Fields): string {
  const count = urlCount(urlsOf(both.urls).length);
  const toggle = theirs.enabled === mine.enabled ? "" : `, ${both.enabled ? "on" : "off"}`;
  return `Keep both (${count}${toggle})`;
}

function OneSide({
  label,
  title,
  fields,
  other,
  only,
}: {
  /** Accessible name, unique across event types. */
  label: string;
  title: string;
  fields: Fields;
  other: Fields;
  only: string;
}) {
  const urls = withMarks(fields, other);
  return (
    <section className="side" aria-label={label}>
      <SpaceBetween size="xxs">
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <Box variant="h4">{title}</Box>
          <StatusIndicator type={fields.enabled ? "success" : "stopped"}>
            {fields.enabled ? "On" : "Off"}
          </StatusIndicator>
          {fields.enabled !== other.enabled && <Badge color="blue">{only}</Badge>}
        </SpaceBetween>
        {urls.length === 0 && <Box color="text-status-inactive">No URL</Box>}
        {urls.map(({ url, onlyHere }) => (
          <div key={url} className="url">
            {url} {onlyHere && <Badge color="blue">{only}</Badge>}
          </div>
        ))}
      </SpaceBetween>
    </section>
  );
}
