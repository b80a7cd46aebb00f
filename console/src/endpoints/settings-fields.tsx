import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import type { Schemas } from "../api/client";

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

type OnBacklog = Schemas["EndpointSettings"]["onBacklog"];

const ON_BACKLOG: { value: OnBacklog; label: string }[] = [
  { value: "every", label: "Send every event" },
  { value: "latest", label: "Send only the latest update of each instance" },
];

interface BacklogProps {
  value: OnBacklog;
  disabled: boolean;
  onChange: (value: OnBacklog) => void;
}

/** Chooses which events are sent after an outage, a pause or a rate limit. */
export function BacklogField({ value, disabled, onChange }: BacklogProps) {
  return (
    <FormField
      label="While events wait"
      constraintText="The latest is enough for a receiver that looks up the current state when it is called"
    >
      <RadioGroup
        value={value}
        items={ON_BACKLOG.map((item) => ({ ...item, disabled }))}
        onChange={({ detail }) => onChange(detail.value as OnBacklog)}
      />
    </FormField>
  );
}
