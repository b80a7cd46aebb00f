import AttributeEditor, { type AttributeEditorProps } from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { type ConditionRow, NEW_ROW, type RowErrors } from "./conditions-draft";
import { useRows } from "./use-rows";

interface Props {
  rows: ConditionRow[];
  errors?: RowErrors[];
  /** The error of all conditions together. */
  error?: string;
  disabled: boolean;
  onChange: (rows: ConditionRow[]) => void;
}

const IS = { value: "is", label: "is" };
const BEGINS_WITH = { value: "prefix", label: "begins with" };

const GRID: AttributeEditorProps.GridLayout[] = [
  { breakpoint: "xs", rows: [[3, 2, 3]], removeButton: { width: "auto" } },
  { breakpoint: "xxs", rows: [[3, 2, 3]], removeButton: { ownRow: true } },
  { rows: [[2], [1, 1]] },
];

const nameOf = ({ path, isPrefix, text }: ConditionRow) =>
  path || text ? `${path} ${(isPrefix ? BEGINS_WITH : IS).label} ${text}` : "empty condition";

/** Edits the conditions on attributes, one in each row. */
export function ConditionsField({ rows, errors = [], error, disabled, onChange }: Props) {
  const { editor, focused, edit, add, remove } = useRows(rows, NEW_ROW, onChange);
  const definition = definitionOf(errors, { disabled, focused, edit });
  return (
    <FormField
      label="Conditions"
      description="Only send events of instances that match. Conditions on the same attribute are alternatives."
      errorText={error}
      stretch
    >
      <AttributeEditor
        ref={editor}
        items={rows}
        definition={definition}
        gridLayout={GRID}
        empty={<Box variant="small">None: events of all instances are sent</Box>}
        addButtonText="Add condition"
        removeButtonText="Remove"
        removeButtonAriaLabel={(row) => `Remove ${nameOf(row)}`}
        i18nStrings={{ itemRemovedAriaLive: "Condition removed", errorIconAriaLabel: "Error" }}
        isItemRemovable={() => !disabled}
        hideAddButton={disabled}
        onAddButtonClick={add}
        onRemoveButtonClick={({ detail }) => remove(detail.itemIndex)}
      />
    </FormField>
  );
}

interface Editing {
  disabled: boolean;
  /** The row whose first field takes the focus. */
  focused?: number;
  edit: (at: number, changed: Partial<ConditionRow>) => void;
}

function definitionOf(
  errors: RowErrors[],
  { disabled, focused, edit }: Editing,
): AttributeEditorProps.FieldDefinition<ConditionRow>[] {
  return [
    {
      label: "Attribute",
      control: ({ path }, index) => (
        <Input
          value={path}
          disabled={disabled}
          placeholder="status"
          autoFocus={index === focused}
          onChange={({ detail }) => edit(index, { path: detail.value })}
        />
      ),
      errorText: (_, index) => errors[index]?.path,
    },
    {
      label: "Operator",
      control: ({ isPrefix }, index) => (
        <Select
          selectedOption={isPrefix ? BEGINS_WITH : IS}
          options={[IS, BEGINS_WITH]}
          disabled={disabled}
          onChange={({ detail }) => edit(index, { isPrefix: detail.selectedOption.value === "prefix" })}
        />
      ),
    },
    {
      label: "Value",
      control: ({ text }, index) => (
        <Input
          value={text}
          disabled={disabled}
          placeholder="Approved"
          onChange={({ detail }) => edit(index, { text: detail.value })}
        />
      ),
      errorText: (_, index) => errors[index]?.text,
    },
  ];
}
