import type { AttributeEditorProps } from "@cloudscape-design/components/attribute-editor";
import { useRef, useState } from "react";

/** Edits the rows of an attribute editor, and keeps the focus in it while rows come and go. */
export function useRows<Row>(rows: Row[], newRow: Row, onChange: (rows: Row[]) => void) {
  const editor = useRef<AttributeEditorProps.Ref>(null);
  // The row whose new field takes the focus.
  const [focused, setFocused] = useState<number>();
  const change = (changed: Row[], focus?: number) => {
    setFocused(focus);
    onChange(changed);
  };
  const edit = (at: number, changed: Partial<Row>, focus?: number) =>
    change(
      rows.map((row, index) => (index === at ? { ...row, ...changed } : row)),
      focus,
    );
  const add = () => change([...rows, newRow], rows.length);
  const remove = (at: number) => {
    // The button of the last row disappears, and would take the focus with it.
    if (at === 0 && rows.length === 1) {
      editor.current?.focusAddButton();
    } else if (at === rows.length - 1) {
      editor.current?.focusRemoveButton(at - 1);
    }
    change(rows.filter((_, index) => index !== at));
  };
  return { editor, focused, edit, add, remove };
}
