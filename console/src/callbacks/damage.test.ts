import { describe, expect, it } from "vitest";
import { damageWords as secretDamageWords } from "../signing/damage";
import { damageWords, NEVER_READ, REPLACES_WORDS } from "./damage";
import { type Callbacks, type Form, formOf, isChanged, isEmpty } from "./form";
import { meetingOf } from "./resolve-conflict";

const DAMAGED = {
  type: "urn:instance-webhooks:problem:stored-data-damaged",
  title: "Stored data damaged",
  status: 500,
  detail: "what is stored cannot be read; the log names the item",
};
const URL = "http://a/";
const mine: Form = { ...formOf(NEVER_READ), created: { enabled: true, urls: URL } };
const theirs: Callbacks = { ...NEVER_READ, version: 7, updated: { enabled: true, urls: [URL] } };
const unreachable = new TypeError("Failed to fetch");

describe("callbacks that cannot be read", () => {
  it("are told with the effect and the next step", () => {
    const { title, detail } = damageWords("sales", true);
    expect(title).toBe("The callbacks of the workspace sales cannot be read");
    expect(detail).toContain("every event is kept, and nothing is lost");
    expect(detail).toContain("Save them again");
    expect(damageWords("sales", false).detail).toContain("Ask an administrator");
    expect(REPLACES_WORDS).toContain("OK replaces the damaged callbacks");
  });

  it("are replaced from empty ones, of which nothing is changed yet", () => {
    expect(isEmpty(formOf(NEVER_READ))).toBe(true);
    expect(isEmpty({ ...formOf(NEVER_READ), deleted: { enabled: false, urls: " \n" } })).toBe(true);
    expect(isEmpty(mine)).toBe(false);
    expect(isChanged(formOf(NEVER_READ), NEVER_READ)).toBe(false);
    expect(isChanged(mine, NEVER_READ)).toBe(true);
  });

  it("are replaced without a version, whatever was read before", () => {
    const replace = { outcome: "replace" };
    expect(meetingOf(NEVER_READ, mine, { error: DAMAGED })).toEqual(replace);
    expect(meetingOf(NEVER_READ, mine, { data: theirs, error: DAMAGED })).toEqual(replace);
  });

  it("are not overwritten once they can be read", () => {
    const conflict = { base: NEVER_READ, theirs, mine };
    const repaired = { data: theirs, error: null };
    expect(meetingOf(NEVER_READ, mine, repaired)).toEqual({ outcome: "conflict", conflict });
    expect(meetingOf(NEVER_READ, formOf(theirs), repaired)).toEqual({ outcome: "same", theirs });
  });

  it("are not replaced while it is not known whether they can be read", () => {
    const failure = { outcome: "failure", error: unreachable };
    expect(meetingOf(NEVER_READ, mine, { error: unreachable })).toEqual(failure);
  });

  it("are told when they are damaged while they are edited", () => {
    const base = { ...theirs, version: 6 };
    const met = meetingOf(base, mine, { data: base, error: DAMAGED }, { status: 412 });
    expect(met).toEqual({ outcome: "failure", error: DAMAGED });
    const unchanged = meetingOf(base, mine, { data: base, error: null }, { status: 412 });
    expect(unchanged).toEqual({ outcome: "failure", error: { status: 412 } });
  });
});

it("a signing secret that cannot be read is told with the effect and the next step", () => {
  const { title, detail } = secretDamageWords("sales");
  expect(title).toBe("The signing secret of the workspace sales cannot be read");
  expect(detail).toContain("every event is kept, and nothing is lost");
  expect(detail).toContain("Ask the operator");
});
