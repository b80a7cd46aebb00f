import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import TokenGroup from "@cloudscape-design/components/token-group";

interface PausedProps {
  value: boolean;
  disabled: boolean;
  onChange: (value: boolean) => void;
}

export function PausedField({ value, disabled, onChange }: PausedProps) {
  return (
    <Toggle
      checked={value}
      disabled={disabled}
      onChange={({ detail }) => onChange(detail.checked)}
      description="Nothing is sent, and every event is kept. When the pause ends, the events are delivered in order."
    >
      Pause deliveries
    </Toggle>
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
        description="Only events of these processes are delivered. The names must match exactly."
        constraintText={names.length === 0 ? "No filter: events of all processes are delivered" : undefined}
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
      label="Maximum calls per second"
      description="Further events wait and are delivered in order."
      constraintText="1 to 1,000. Empty: no limit"
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
