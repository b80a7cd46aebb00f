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
  { value: "0", label: "None", description: "After a leak: the secrets before stop at once" },
];

/** Selects the time for which the previous secrets keep signing beside the new one. */
export function Overlap({ seconds, onChange }: { seconds: number; onChange: (seconds: number) => void }) {
  return (
    <SpaceBetween size="m">
      <FormField
        label="Overlap"
        description="Until it ends, each request carries two signatures, and a receiver accepts it with either secret"
      >
        <RadioGroup
          items={CHOICES}
          value={String(seconds)}
          onChange={({ detail }) => onChange(Number(detail.value))}
        />
      </FormField>
      {seconds === 0 && (
        <Alert type="warning" statusIconAriaLabel="Warning">
          Receivers that verify will refuse callbacks until they have the new secret. What they refuse is sent
          again later, but it is late.
        </Alert>
      )}
    </SpaceBetween>
  );
}
