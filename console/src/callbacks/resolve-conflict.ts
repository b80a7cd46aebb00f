import { isDamaged } from "../api/problem";
import { differing } from "./differences";
import { type Callbacks, type Form, formOf } from "./form";

/** Another user has saved while this was being typed. */
export interface Conflict {
  /** What both had before them. */
  base: Callbacks;
  theirs: Callbacks;
  mine: Form;
}

/** What was read again. Where that failed, the data may be what was read before. */
export interface RereadResult {
  data?: Callbacks;
  error?: unknown;
}

export type ConflictOutcome =
  | { outcome: "replace" }
  | { outcome: "same"; theirs: Callbacks }
  | { outcome: "conflict"; conflict: Conflict }
  | { outcome: "failure"; error: unknown };

/**
 * Decides what becomes of what was typed, by what is stored now. Without a version of the base only damaged callbacks are
 * replaced: those that can be read by now are not overwritten unseen.
 */
export function conflictOutcome(
  base: Callbacks,
  mine: Form,
  now: RereadResult,
  rejection?: unknown,
): ConflictOutcome {
  if (base.version === null && isDamaged(now.error)) {
    return { outcome: "replace" };
  }
  const theirs = now.error ? undefined : now.data;
  if (!theirs || theirs.version === base.version) {
    return { outcome: "failure", error: now.error ?? rejection };
  }
  return differing(formOf(theirs), mine).length === 0
    ? { outcome: "same", theirs }
    : { outcome: "conflict", conflict: { base, theirs, mine } };
}
