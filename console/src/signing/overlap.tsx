import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";

/** Default overlap of the API, in seconds. */
export const DEFAULT_OVERLAP_SECONDS = 86_400;

const CHOICES = [
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "24 hours" },
  { value: "604800", label: "7 days" },
  { value: "0", label: "None", description: "Use after a leak: previous secrets stop working immediately" },
];

/** Returns the label of an overlap. */
export const overlapLabel = (seconds: number) =>
  CHOICES.find(({ value }) => value === String(seconds))?.label ?? `${seconds} seconds`;

/** Selects the time for which the previous secrets keep signing beside the new one. */
export function Overlap({ seconds, onChange }: { seconds: number; onChange: (seconds: number) => void }) {
  return (
    <SpaceBetween size="m">
      <FormField
        label="Overlap"
        description="Until it ends, each request is signed with both secrets, and receivers can verify it with either one"
      >
        <RadioGroup
          items={CHOICES}
          value={String(seconds)}
          onChange={({ detail }) => onChange(Number(detail.value))}
        />
      </FormField>
      {seconds === 0 && (
        <Alert type="warning" statusIconAriaLabel="Warning">
          Receivers that verify signatures will reject callbacks until they have the new secret. Rejected
          deliveries are retried later.
        </Alert>
      )}
    </SpaceBetween>
  );
}
