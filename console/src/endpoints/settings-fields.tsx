import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import TokenGroup from "@cloudscape-design/components/token-group";

interface TextsProps {
  values: { name: string; description: string; contact: string };
  errors: { name?: string; description?: string; contact?: string };
  disabled: boolean;
  onChange: (changed: { name?: string; description?: string; contact?: string }) => void;
}

/** Fields for people: they change nothing in how the endpoint is called. */
export function TextFields({ values, errors, disabled, onChange }: TextsProps) {
  return (
    <>
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
    </>
  );
}

interface ProcessesProps {
  names: string[];
  typed: string;
  disabled: boolean;
  error?: string;
  onType: (text: string) => void;
  onAdd: () => void;
  onRemove: (name: string) => void;
}

export function ProcessesField({ names, typed, disabled, error, onType, onAdd, onRemove }: ProcessesProps) {
  return (
    <SpaceBetween size="xs">
      <FormField
        label="Processes"
        description="Only send events from these processes. The names must match exactly."
        constraintText={names.length === 0 ? "Leave empty for all" : undefined}
        errorText={error}
      >
        <Grid gridDefinition={[{ colspan: { default: 8, s: 6 } }, { colspan: { default: 4, s: 3 } }]}>
          <Input
            value={typed}
            disabled={disabled}
            placeholder="Process name"
            onChange={({ detail }) => onType(detail.value)}
            onKeyDown={(event) => {
              if (event.detail.key === "Enter" && typed.trim() !== "") {
                // Enter adds the name and does not submit the form.
                event.preventDefault();
                onAdd();
              }
            }}
          />
          <Button formAction="none" disabled={disabled || typed.trim() === ""} onClick={onAdd}>
            Add
          </Button>
        </Grid>
      </FormField>
      {names.length > 0 && (
        <TokenGroup
          items={names.map((name) => ({
            label: name === "" ? "(without a name)" : name,
            dismissLabel: `Remove ${name}`,
            disabled,
          }))}
          onDismiss={({ detail }) => onRemove(names[detail.itemIndex] ?? "")}
        />
      )}
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
