import type { AttributeEditorProps } from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Time } from "../components/time";
import { type Editing, RowsField, type RowsProps } from "./rows-field";
import { type HeaderErrors, type HeaderRow, MAX_HEADERS, NEW_HEADER } from "./secret-headers-draft";

interface Props extends RowsProps<HeaderRow> {
  errors?: HeaderErrors[];
}

const GRID: AttributeEditorProps.GridLayout[] = [
  { breakpoint: "xs", rows: [[3, 5]], removeButton: { width: "auto" } },
  { breakpoint: "xxs", rows: [[3, 5]], removeButton: { ownRow: true } },
  { rows: [[1], [1]] },
];

/** Edits the secret headers, one in each row. A stored value is never shown, and can be replaced. */
export function SecretHeadersField({ errors = [], ...rows }: Props) {
  return (
    <RowsField
      {...rows}
      label="Secret headers"
      description="Sent with each request to this endpoint, and not shown again. Use one instead of a token in the URL."
      none="None"
      what="secret header"
      newRow={NEW_HEADER}
      nameOf={({ name }) => name}
      max={MAX_HEADERS}
      gridLayout={GRID}
      fieldsOf={(editing) => fieldsOf(errors, editing)}
    />
  );
}

function fieldsOf(
  errors: HeaderErrors[],
  { disabled, focused, edit }: Editing<HeaderRow>,
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
