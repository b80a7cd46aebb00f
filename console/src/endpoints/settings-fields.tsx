import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";

interface TextsProps {
  values: { name: string; description: string; contact: string };
  errors: { name?: string; description?: string; contact?: string };
  disabled: boolean;
  onChange: (changed: { name?: string; description?: string; contact?: string }) => void;
}

/** Fields for people: they change nothing in how the endpoint is called. */
export function TextFields({ values, errors, disabled, onChange }: TextsProps) {
  return (
    <SpaceBetween size="l">
      <FormField
        label="Name"
        constraintText="Shown instead of the URL, and in notices"
        errorText={errors.name}
      >
        <Input
          value={values.name}
          disabled={disabled}
          placeholder="Billing"
          onChange={({ detail }) => onChange({ name: detail.value })}
        />
      </FormField>
      <FormField label="Description" errorText={errors.description}>
        <Textarea
          value={values.description}
          disabled={disabled}
          rows={2}
          onChange={({ detail }) => onChange({ description: detail.value })}
        />
      </FormField>
      <FormField
        label="Contact"
        constraintText="Person, team or address for questions about the receiver"
        errorText={errors.contact}
      >
        <Input
          value={values.contact}
          disabled={disabled}
          placeholder="billing-team@example.com"
          onChange={({ detail }) => onChange({ contact: detail.value })}
        />
      </FormField>
    </SpaceBetween>
  );
}

interface RateProps {
  value: string;
  disabled: boolean;
  error?: string;
  onChange: (value: string) => void;
}

export function RateField({ value, disabled, error, onChange }: RateProps) {
  return (
    <FormField
      label="Rate limit (calls per second)"
      description="Excess deliveries are queued in order."
      constraintText="1 to 1,000. Leave empty for no limit"
      errorText={error}
    >
      <Input
        value={value}
        disabled={disabled}
        inputMode="numeric"
        placeholder="No limit"
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}
