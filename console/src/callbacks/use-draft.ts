import { useState } from "react";
import {
  type Callbacks,
  changedFields,
  type EventType,
  type Fields,
  type Form,
  formOf,
  isChanged,
} from "./form";

interface Draft {
  /** The stored callbacks when editing began. */
  base: Callbacks;
  form: Form;
}

/**
 * Returns the draft in the form. It follows the stored callbacks until the first edit, then keeps its base for
 * conflict detection.
 */
export function useDraft(stored: Callbacks) {
  const [draft, setDraft] = useState<Draft>();
  const base = draft?.base ?? stored;
  const form = draft?.form ?? formOf(stored);
  const changed = isChanged(form, base);
  return {
    base,
    form,
    changed,
    change: (eventType: EventType, change: Partial<Fields>) => {
      const fields = changedFields(base[eventType], form[eventType], change);
      setDraft({ base, form: { ...form, [eventType]: fields } });
    },
    replace: setDraft,
  };
}
