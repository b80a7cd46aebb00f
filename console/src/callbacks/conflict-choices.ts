import { type Choice, changedBy, equalCallbacks, type Side } from "./differences";
import type { Fields } from "./form";
import { mergeFields } from "./merge";

/** How the versions of an event type relate, and what can be kept of them. */
export interface Choices {
  theirs: Fields;
  mine: Fields;
  /** The changes of both sides. `undefined` if they add up to one of the sides. */
  both: Fields | undefined;
  changedBy: Side | "both";
  /** What is chosen until the user chooses. `undefined` if the user has to. */
  preselected: Choice | undefined;
}

/**
 * Compares the versions of an event type. A change on one side only is preselected, and both changes are if only the
 * lists differ: two people who add a URL each lose none.
 */
export function choicesFor(base: Fields, theirs: Fields, mine: Fields): Choices {
  const side = changedBy(base, theirs, mine);
  const merged = mergeFields(base, theirs, mine);
  const both =
    side !== "both" || equalCallbacks(merged, theirs) || equalCallbacks(merged, mine) ? undefined : merged;
  const onlyListsDiffer = both && theirs.enabled === mine.enabled ? "both" : undefined;
  return { theirs, mine, both, changedBy: side, preselected: side === "both" ? onlyListsDiffer : side };
}
