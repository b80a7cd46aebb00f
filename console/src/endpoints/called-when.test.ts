import { expect, test } from "vitest";
import { calledWhen, conditionsText, type Subscription } from "./called-when";

type EventType = "created" | "updated" | "deleted";

const ALL: EventType[] = ["created", "updated", "deleted"];

function sentence(enabled: EventType[], subscription: Partial<Subscription> = {}): string {
  const eventTypes = ALL.map((eventType) => ({ eventType, enabled: enabled.includes(eventType) }));
  return calledWhen(eventTypes, { processNames: [], changed: [], where: {}, ...subscription });
}

test("without a limit the enabled event types are listed", () => {
  expect(sentence(ALL)).toBe("Called when an instance is created, updated or deleted.");
  expect(sentence(["created", "deleted"])).toBe("Called when an instance is created or deleted.");
  expect(sentence(["deleted"])).toBe("Called when an instance is deleted.");
});

test("an endpoint without an enabled event type is not called, whatever its settings are", () => {
  const off = "Not called: none of its event types is enabled.";
  expect(sentence([])).toBe(off);
  expect(sentence([], { processNames: ["Order"], changed: ["status"], where: { status: ["a"] } })).toBe(off);
  expect(calledWhen([], { processNames: [], changed: [], where: {} })).toBe(off);
});

test("processes are alternatives", () => {
  expect(sentence(["created"], { processNames: ["Order"] })).toBe(
    "Called when an instance of Order is created.",
  );
  expect(sentence(["created"], { processNames: ["Order", "Bill of sale", ""] })).toBe(
    "Called when an instance of Order, “Bill of sale” or no process is created.",
  );
});

test("changed attributes limit updates only", () => {
  const changed = ["status", "customer.country"];
  expect(sentence(["updated"], { changed: ["status"] })).toBe(
    "Called when an instance is updated with a change of status.",
  );
  expect(sentence(["created", "updated"], { changed })).toBe(
    "Called when an instance is created, or updated with a change of status or customer.country.",
  );
  expect(sentence(["updated", "deleted"], { changed })).toBe(
    "Called when an instance is updated with a change of status or customer.country, or deleted.",
  );
  expect(sentence(["created", "deleted"], { changed })).toBe(
    "Called when an instance is created or deleted.",
  );
});

test("all settings make one sentence", () => {
  const where = { status: ["Approved", { prefix: "Rej" }] };
  expect(
    sentence(ALL, { processNames: ["Order", "Invoice"], changed: ["status", "customer.country"], where }),
  ).toBe(
    "Called when an instance of Order or Invoice is created, updated with a change of status or " +
      "customer.country, or deleted, if status is Approved or begins with Rej; for a deletion, the values " +
      "before it count.",
  );
});

test("conditions on a deletion are about the values before it", () => {
  const where = { status: ["Approved"] };
  expect(sentence(["created", "updated"], { where })).toBe(
    "Called when an instance is created or updated, if status is Approved.",
  );
  expect(sentence(["deleted"], { where })).toBe(
    "Called when an instance is deleted, if status is Approved; the values before the deletion count.",
  );
});

test("values of one attribute are alternatives, and each attribute has to match", () => {
  expect(conditionsText({})).toBe("");
  expect(conditionsText({ status: ["A", { prefix: "B" }, "C", { prefix: "D" }], priority: ["1"] })).toBe(
    "status is A or C or begins with B or D, and priority is 1",
  );
  expect(conditionsText({ a: ["1"], b: ["2"], c: [{ prefix: "3" }] })).toBe(
    "a is 1, and b is 2, and c begins with 3",
  );
});

test("empty texts are put into words", () => {
  expect(conditionsText({ status: ["", "Draft"] })).toBe("status is empty or Draft");
  expect(conditionsText({ status: [{ prefix: "" }, { prefix: "A" }] })).toBe("status has any value");
});

test("a text that would not read as one word is quoted", () => {
  const names = ["steps[0].name", "2026-01-31", "straße", " a", "a, b", "a.", "“a”", "or"];
  expect(names.map((name) => conditionsText({ name: [name] }))).toEqual([
    "name is steps[0].name",
    "name is 2026-01-31",
    "name is straße",
    "name is “ a”",
    "name is “a, b”",
    "name is “a.”",
    "name is ““a””",
    "name is “or”",
  ]);
});

test("the sentence cuts a long list, and the audit does not", () => {
  const processNames = ["A", "B", "C", "D", "E", "F", "G"];
  expect(sentence(["created"], { processNames: processNames.slice(0, 5) })).toContain("A, B, C, D or E is");
  expect(sentence(["created"], { processNames })).toContain("of A, B, C, D, E or 2 more is created");
  const where = { status: processNames };
  expect(sentence(["created"], { where })).toContain("if status is A, B, C, D, E or 2 more.");
  expect(conditionsText(where)).toBe("status is A, B, C, D, E, F or G");
});
