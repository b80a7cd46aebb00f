import { useState } from "react";
import { type Callbacks, type EventType, type Fields, type Form, formOf, isChanged } from "./form";

interface Draft {
  /** What was stored when it was begun. */
  base: Callbacks;
  form: Form;
}

/**
 * What stands in the fields. Until somebody types it follows what is stored; from then on it is theirs, and remembers
 * what they saw when they began.
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
    change: (eventType: EventType, fields: Partial<Fields>) =>
      setDraft({ base, form: { ...form, [eventType]: { ...form[eventType], ...fields } } }),
    replace: setDraft,
  };
}
