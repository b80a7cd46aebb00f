/** Returns the text with a capital letter at its start. */
export const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Formats a conjunction: `created, updated and deleted`. */
export const conjunction = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** Formats a disjunction: `created, updated or deleted`. */
export const disjunction = new Intl.ListFormat("en-GB", { type: "disjunction" });
