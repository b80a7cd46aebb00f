import AttributeEditor, { type AttributeEditorProps } from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Time } from "../components/time";
import { type HeaderErrors, type HeaderRow, MAX_HEADERS, NEW_HEADER } from "./secret-headers-draft";
import { useRows } from "./use-rows";

interface Props {
  rows: HeaderRow[];
  errors?: HeaderErrors[];
  /** The error of all headers together. */
  error?: string;
  disabled: boolean;
  onChange: (rows: HeaderRow[]) => void;
}

const GRID: AttributeEditorProps.GridLayout[] = [
  { breakpoint: "xs", rows: [[3, 5]], removeButton: { width: "auto" } },
  { breakpoint: "xxs", rows: [[3, 5]], removeButton: { ownRow: true } },
  { rows: [[1], [1]] },
];

/** Edits the secret headers, one in each row. A stored value is never shown, and can be replaced. */
export function SecretHeadersField({ rows, errors = [], error, disabled, onChange }: Props) {
  const { editor, focused, edit, add, remove } = useRows(rows, NEW_HEADER, onChange);
  const isFull = rows.length >= MAX_HEADERS;
  return (
    <FormField
      label="Secret headers"
      description="Sent with each request to this endpoint, and not shown again. Use one instead of a token in the URL."
      errorText={error}
      stretch
    >
      <AttributeEditor
        ref={editor}
        items={rows}
        definition={definitionOf(errors, { disabled, focused, edit })}
        gridLayout={GRID}
        empty={<Box variant="small">None</Box>}
        addButtonText="Add secret header"
        removeButtonText="Remove"
        removeButtonAriaLabel={({ name }) => `Remove ${name || "empty secret header"}`}
        i18nStrings={{ itemRemovedAriaLive: "Secret header removed", errorIconAriaLabel: "Error" }}
        isItemRemovable={() => !disabled}
        hideAddButton={disabled}
        disableAddButton={isFull}
        additionalInfo={isFull ? `At most ${MAX_HEADERS} secret headers are allowed.` : undefined}
        onAddButtonClick={add}
        onRemoveButtonClick={({ detail }) => remove(detail.itemIndex)}
      />
    </FormField>
  );
}

interface Editing {
  disabled: boolean;
  /** The row whose new field takes the focus. */
  focused?: number;
  edit: (at: number, changed: Partial<HeaderRow>, focus?: number) => void;
}

function definitionOf(
  errors: HeaderErrors[],
  { disabled, focused, edit }: Editing,
): AttributeEditorProps.FieldDefinition<HeaderRow>[] {
  return [
    {
      label: "Header",
      control: ({ name, changedAt }, index) => (
        <Input
          value={name}
          disabled={disabled}
          readOnly={changedAt !== undefined}
          placeholder="authorization"
          autoComplete={false}
          autoFocus={index === focused && changedAt === undefined}
          onChange={({ detail }) => edit(index, { name: detail.value })}
        />
      ),
      errorText: (_, index) => errors[index]?.name,
    },
    {
      label: "Value",
      control: ({ name, value, changedAt }, index) =>
        value === undefined && changedAt !== undefined ? (
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Box>
              Set <Time at={changedAt} />
            </Box>
            {!disabled && (
              <Button
                formAction="none"
                ariaLabel={`Replace ${name}`}
                onClick={() => edit(index, { value: "" }, index)}
              >
                Replace
              </Button>
            )}
          </SpaceBetween>
        ) : (
          <Input
            type="password"
            value={value ?? ""}
            disabled={disabled}
            placeholder={changedAt === undefined ? "Bearer …" : "Empty keeps the stored value"}
            autoComplete="new-password"
            autoFocus={index === focused && changedAt !== undefined}
            onChange={({ detail }) => edit(index, { value: detail.value })}
          />
        ),
      errorText: (_, index) => errors[index]?.value,
    },
  ];
}
