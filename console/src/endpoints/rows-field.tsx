import AttributeEditor, { type AttributeEditorProps } from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import { useRows } from "./use-rows";

/** What a field of a row needs. */
export interface Editing<Row> {
  disabled: boolean;
  /** The row whose new field takes the focus. */
  focused?: number;
  /** Changes a row. Its new field takes the focus if `focus` is its index. */
  edit: (at: number, changed: Partial<Row>, focus?: number) => void;
}

export interface RowsProps<Row> {
  rows: Row[];
  /** The error of all rows together. */
  error?: string;
  disabled: boolean;
  onChange: (rows: Row[]) => void;
}

interface Props<Row> extends RowsProps<Row> {
  label: string;
  description: string;
  /** Text in place of the rows if there are none. */
  none: string;
  /** What a row is, in lower case. */
  what: string;
  newRow: Row;
  nameOf: (row: Row) => string;
  /** Maximum number of rows. */
  max?: number;
  gridLayout: AttributeEditorProps.GridLayout[];
  fieldsOf: (editing: Editing<Row>) => AttributeEditorProps.FieldDefinition<Row>[];
}

/** Edits rows of fields. */
export function RowsField<Row>(props: Props<Row>) {
  const { rows, label, description, error, disabled, none, what, newRow, nameOf, max = Infinity } = props;
  const { editor, focused, edit, add, remove } = useRows(rows, newRow, props.onChange);
  const isFull = rows.length >= max;
  return (
    <FormField label={label} description={description} errorText={error} stretch>
      <AttributeEditor
        ref={editor}
        items={rows}
        definition={props.fieldsOf({ disabled, focused, edit })}
        gridLayout={props.gridLayout}
        empty={<Box variant="small">{none}</Box>}
        addButtonText={`Add ${what}`}
        removeButtonText="Remove"
        removeButtonAriaLabel={(row) => `Remove ${nameOf(row) || `empty ${what}`}`}
        i18nStrings={{ itemRemovedAriaLive: `Removed the ${what}`, errorIconAriaLabel: "Error" }}
        isItemRemovable={() => !disabled}
        hideAddButton={disabled}
        disableAddButton={isFull}
        additionalInfo={isFull ? `At most ${max} are allowed.` : undefined}
        onAddButtonClick={add}
        onRemoveButtonClick={({ detail }) => remove(detail.itemIndex)}
      />
    </FormField>
  );
}
