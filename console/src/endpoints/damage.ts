import { conjunction } from "../labels/text";

interface DamageMessage {
  /** The attributes that cannot be read. */
  summary: string;
  /** The effect on deliveries. */
  meaning: string;
  advice: string;
}

export function damageMessage(attributes: string[]): DamageMessage {
  const named = conjunction.format(attributes);
  return {
    summary: `${attributes.length === 1 ? "Attribute" : "Attributes"} that cannot be read: ${named}.`,
    meaning: "Nothing is sent to it, and every event for it is kept.",
    advice: "Reset these attributes to their defaults, or ask the operator to correct the record.",
  };
}

/** Effects of a reset, by attribute. */
const EFFECTS: [attribute: string, effect: string][] = [
  ["paused", "A pause ends."],
  ["pausedUntil", "The end of a pause is removed: it lasts until someone resumes the endpoint."],
  ["name", "Its name is removed."],
  ["description", "Its description is removed."],
  ["contact", "Its contact is removed."],
  ["processNames", "A process filter is removed: events of all processes are delivered."],
  ["changed", "A selection of changed attributes is removed: all updates are delivered."],
  ["where", "Conditions are removed: events that do not meet them are delivered."],
  ["maxPerSecond", "A rate limit is removed."],
  ["onBacklog", "Every event is sent: the choice of the latest only is removed."],
  ["secretHeaders", "Its secret headers are removed: its requests no longer have them."],
  ["health", "Its health is reset to healthy: if it was disabled, it is called again."],
];

/** Returns the effects of a reset of these attributes to their defaults. */
export const resetEffects = (attributes: string[]): string[] =>
  EFFECTS.filter(([attribute]) => attributes.includes(attribute)).map(([, effect]) => effect);
