import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TokenGroup from "@cloudscape-design/components/token-group";

interface Props {
  label: string;
  description: string;
  /** Shown while the list is empty. */
  emptyText: string;
  placeholder: string;
  /** Accessible name of the button, which shows "Add". */
  addLabel: string;
  texts: string[];
  /** The text in the input, not added yet. */
  typed: string;
  disabled: boolean;
  error?: string;
  onType: (text: string) => void;
  onAdd: () => void;
  onRemove: (text: string) => void;
}

/** Edits a list of texts, which are added one at a time. */
export function ListField(props: Props) {
  const { label, description, emptyText, placeholder, addLabel, texts, typed, disabled, error } = props;
  return (
    <SpaceBetween size="xs">
      <FormField
        label={label}
        description={description}
        constraintText={texts.length === 0 ? emptyText : undefined}
        errorText={error}
      >
        <Grid gridDefinition={[{ colspan: { default: 8, s: 6 } }, { colspan: { default: 4, s: 3 } }]}>
          <Input
            value={typed}
            disabled={disabled}
            placeholder={placeholder}
            onChange={({ detail }) => props.onType(detail.value)}
            onKeyDown={(event) => {
              if (event.detail.key === "Enter" && typed.trim() !== "") {
                // Enter adds the text and does not submit the form.
                event.preventDefault();
                props.onAdd();
              }
            }}
          />
          <Button
            formAction="none"
            ariaLabel={addLabel}
            disabled={disabled || typed.trim() === ""}
            onClick={props.onAdd}
          >
            Add
          </Button>
        </Grid>
      </FormField>
      {texts.length > 0 && (
        <TokenGroup
          items={texts.map((text) => ({
            label: text === "" ? "(without a name)" : text,
            dismissLabel: `Remove ${text}`,
            disabled,
          }))}
          onDismiss={({ detail }) => props.onRemove(texts[detail.itemIndex] ?? "")}
        />
      )}
    </SpaceBetween>
  );
}
