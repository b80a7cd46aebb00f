import { isDamaged } from "../api/problem";
import { differing } from "./differences";
import { type Callbacks, type Form, formOf } from "./form";

/** A change by another user since the draft was started. */
export interface Conflict {
  /** The common base of both changes. */
  base: Callbacks;
  theirs: Callbacks;
  mine: Form;
}

/** Result of reading the callbacks again. If that failed, `data` may be outdated. */
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
 * Compares a draft with the stored callbacks. A draft without a base version replaces damaged callbacks only:
 * callbacks that can be read again are not overwritten unseen.
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
