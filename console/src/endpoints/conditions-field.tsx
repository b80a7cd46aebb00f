import type { AttributeEditorProps } from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { type ConditionRow, NEW_ROW, type RowErrors } from "./conditions-draft";
import { type Editing, RowsField, type RowsProps } from "./rows-field";

interface Props extends RowsProps<ConditionRow> {
  errors?: RowErrors[];
}

const IS = { value: "is", label: "is" };
const BEGINS_WITH = { value: "prefix", label: "begins with" };

const GRID: AttributeEditorProps.GridLayout[] = [
  { breakpoint: "xs", rows: [[3, 2, 3]], removeButton: { width: "auto" } },
  { breakpoint: "xxs", rows: [[3, 2, 3]], removeButton: { ownRow: true } },
  { rows: [[2], [1, 1]] },
];

const nameOf = ({ path, isPrefix, text }: ConditionRow) =>
  path || text ? `${path} ${(isPrefix ? BEGINS_WITH : IS).label} ${text}` : "";

/** Edits the conditions on attributes, one in each row. */
export function ConditionsField({ errors = [], ...rows }: Props) {
  return (
    <RowsField
      {...rows}
      label="Conditions"
      description="Only send events of instances that match. Conditions on the same attribute are alternatives."
      none="None: events of all instances are sent"
      what="condition"
      newRow={NEW_ROW}
      nameOf={nameOf}
      gridLayout={GRID}
      fieldsOf={(editing) => fieldsOf(errors, editing)}
    />
  );
}

function fieldsOf(
  errors: RowErrors[],
  { disabled, focused, edit }: Editing<ConditionRow>,
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
