import AttributeEditor, { type AttributeEditorProps } from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useRef, useState } from "react";
import { type ConditionRow, NEW_ROW, type RowErrors } from "./conditions-draft";

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
  const editor = useRef<AttributeEditorProps.Ref>(null);
  // The row that was just added: its first field takes the focus.
  const [added, setAdded] = useState<number>();
  const change = (changed: ConditionRow[]) => {
    setAdded(undefined);
    onChange(changed);
  };
  const definition = definitionOf(rows, errors, { disabled, added, onChange: change });
  const add = () => {
    onChange([...rows, NEW_ROW]);
    setAdded(rows.length);
  };
  const remove = (at: number) => {
    // The button of the last row disappears, and would take the focus with it.
    if (at === 0 && rows.length === 1) {
      editor.current?.focusAddButton();
    } else if (at === rows.length - 1) {
      editor.current?.focusRemoveButton(at - 1);
    }
    change(rows.filter((_, index) => index !== at));
  };
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

function definitionOf(
  rows: ConditionRow[],
  errors: RowErrors[],
  { disabled, added, onChange }: Pick<Props, "disabled" | "onChange"> & { added?: number },
): AttributeEditorProps.FieldDefinition<ConditionRow>[] {
  const edit = (at: number, changed: Partial<ConditionRow>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...changed } : row)));
  return [
    {
      label: "Attribute",
      control: ({ path }, index) => (
        <Input
          value={path}
          disabled={disabled}
          placeholder="status"
          autoFocus={index === added}
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
