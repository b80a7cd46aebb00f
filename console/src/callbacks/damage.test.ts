import { describe, expect, it } from "vitest";
import { damageMessage as secretDamageMessage } from "../signing/damage";
import { damageMessage, EMPTY_CALLBACKS, REPLACE_WARNING } from "./damage";
import { type Callbacks, type Form, formOf, isChanged, isEmpty } from "./form";
import { conflictOutcome } from "./resolve-conflict";

const DAMAGED = {
  type: "urn:instance-webhooks:problem:stored-data-damaged",
  title: "Stored data damaged",
  status: 500,
  detail: "what is stored cannot be read; the log names the item",
};
const URL = "http://a/";
const mine: Form = { ...formOf(EMPTY_CALLBACKS), created: { enabled: true, urls: URL } };
const theirs: Callbacks = { ...EMPTY_CALLBACKS, version: 7, updated: { enabled: true, urls: [URL] } };
const unreachable = new TypeError("Failed to fetch");

describe("callbacks that cannot be read", () => {
  it("are reported with the effect and the next step", () => {
    const { title, detail } = damageMessage("sales", true);
    expect(title).toBe("The callbacks of the workspace sales cannot be read");
    expect(detail).toContain("every event is kept, and nothing is lost");
    expect(detail).toContain("Save them again");
    expect(damageMessage("sales", false).detail).toContain("Ask an administrator");
    expect(REPLACE_WARNING).toContain("OK replaces the damaged callbacks");
  });

  it("are replaced starting from an unchanged empty form", () => {
    expect(isEmpty(formOf(EMPTY_CALLBACKS))).toBe(true);
    expect(isEmpty({ ...formOf(EMPTY_CALLBACKS), deleted: { enabled: false, urls: " \n" } })).toBe(true);
    expect(isEmpty(mine)).toBe(false);
    expect(isChanged(formOf(EMPTY_CALLBACKS), EMPTY_CALLBACKS)).toBe(false);
    expect(isChanged(mine, EMPTY_CALLBACKS)).toBe(true);
  });

  it("are replaced without a version, despite earlier data", () => {
    const replace = { outcome: "replace" };
    expect(conflictOutcome(EMPTY_CALLBACKS, mine, { error: DAMAGED })).toEqual(replace);
    expect(conflictOutcome(EMPTY_CALLBACKS, mine, { data: theirs, error: DAMAGED })).toEqual(replace);
  });

  it("are not overwritten once they can be read", () => {
    const conflict = { base: EMPTY_CALLBACKS, theirs, mine };
    const repaired = { data: theirs, error: null };
    expect(conflictOutcome(EMPTY_CALLBACKS, mine, repaired)).toEqual({ outcome: "conflict", conflict });
    expect(conflictOutcome(EMPTY_CALLBACKS, formOf(theirs), repaired)).toEqual({ outcome: "same", theirs });
  });

  it("are not replaced while their state is unknown", () => {
    const failure = { outcome: "failure", error: unreachable };
    expect(conflictOutcome(EMPTY_CALLBACKS, mine, { error: unreachable })).toEqual(failure);
  });

  it("are reported when they are damaged during editing", () => {
    const base = { ...theirs, version: 6 };
    const outcome = conflictOutcome(base, mine, { data: base, error: DAMAGED }, { status: 412 });
    expect(outcome).toEqual({ outcome: "failure", error: DAMAGED });
    const unchanged = conflictOutcome(base, mine, { data: base, error: null }, { status: 412 });
    expect(unchanged).toEqual({ outcome: "failure", error: { status: 412 } });
  });
});

it("a damaged signing key is reported with effect and next step", () => {
  const { title, detail } = secretDamageMessage("sales");
  expect(title).toBe("The signing key of the workspace sales cannot be read");
  expect(detail).toContain("every event is kept, and nothing is lost");
  expect(detail).toContain("Ask the operator");
});
