/** Times at which the values were set, by name, as the audit lists them. */
export type SecretHeaderTimes = Record<string, string>;

/** Returns what has changed, one text per header: `secret header authorization: new value`. */
export function secretHeaderChanges(from: SecretHeaderTimes = {}, to: SecretHeaderTimes = {}): string[] {
  const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) {
      return [];
    }
    const change = now === undefined ? "removed" : old === undefined ? "set" : "new value";
    return [`secret header ${name}: ${change}`];
  });
}

/** Formats the choice of what is sent while events wait. The audit leaves the default out. */
export const onBacklogText = (onBacklog: unknown) => (onBacklog === "latest" ? "latest only" : "every event");
