import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";
import { rowsOf } from "./conditions-draft";
import {
  changedSettings,
  type Draft,
  draftedSubscription,
  fieldsOf,
  isSameSubscription,
  subscriptionOf,
  withTyped,
} from "./settings-draft";
import { fieldErrors, localErrors, subscriptionErrors } from "./settings-errors";

const STORED: Schemas["EndpointSettings"] = {
  paused: false,
  pausedUntil: null,
  processNames: ["Order"],
  changed: ["status"],
  where: { priority: ["1"], status: ["Approved", { prefix: "Rej" }] },
  onBacklog: "every",
  secretHeaders: [],
  maxPerSecond: 5,
  name: "Billing",
  description: null,
  contact: null,
};

const row = (path: string, text: string, isPrefix = false) => ({ path, text, isPrefix });

const problem = (field: string | undefined, detail: string): Problem => ({
  type: "urn:instance-webhooks:problem:invalid-field",
  title: "Invalid field",
  status: 422,
  field,
  detail,
});

test("only changed settings are sent", () => {
  const sent = (draft: Draft) => changedSettings(STORED, draft);
  expect(sent({})).toEqual({});
  expect(sent({ name: " Billing ", maxPerSecond: "5", processNames: ["Order"] })).toEqual({});
  expect(sent({ maxPerSecond: " " })).toEqual({ maxPerSecond: null });
  expect(sent({ maxPerSecond: "many" }).maxPerSecond).toBeNaN();
  expect(sent({ name: " ", contact: "Ada" })).toEqual({ name: null, contact: "Ada" });
  expect(sent({ changed: [] })).toEqual({ changed: [] });
  expect(sent({ conditions: [] })).toEqual({ where: {} });
  expect(sent({ onBacklog: "every" })).toEqual({});
  expect(sent({ onBacklog: "latest" })).toEqual({ onBacklog: "latest" });
  const secretHeaders = { stored: new Map([["x-old", null]]), added: [{ name: "x-new", value: "a" }] };
  expect(sent({ secretHeaders })).toEqual({ secretHeaders: { "x-old": null, "x-new": "a" } });
});

test("what is typed and not added yet is sent", () => {
  const sent = (typed: Draft["typed"]) => changedSettings(STORED, { typed });
  expect(sent({ processNames: " Invoice " })).toEqual({ processNames: ["Order", "Invoice"] });
  expect(sent({ processNames: "Order", changed: " " })).toEqual({});
  expect(sent({ processNames: "Invoice", changed: " customer.country " })).toEqual({
    processNames: ["Order", "Invoice"],
    changed: ["status", "customer.country"],
  });
  const added = withTyped(STORED, { typed: { processNames: "A", changed: "b" }, name: "C" }, "changed");
  expect(added).toEqual({ changed: ["status", "b"], typed: { processNames: "A", changed: "" }, name: "C" });
});

test("rows of one attribute become its alternatives", () => {
  const rows = rowsOf(STORED.where);
  expect(rows).toEqual([row("priority", "1"), row("status", "Approved"), row("status", "Rej", true)]);
  const sent = (...conditions: Draft["conditions"] & {}) => changedSettings(STORED, { conditions }).where;
  expect(sent(...rows)).toBeUndefined();
  expect(sent(...rows.slice(1), row("priority", "1"), row(" ", ""))).toBeUndefined();
  expect(sent(...rows, row(" priority ", " 2"))).toEqual({
    priority: ["1", " 2"],
    status: ["Approved", { prefix: "Rej" }],
  });
  expect(Object.keys(sent(row("__proto__", "a")) ?? {})).toEqual(["__proto__"]);
});

test("an attribute that is stored with blanks around its path is kept", () => {
  const stored = { ...STORED, where: { " a ": ["1"] } };
  const conditions = [...rowsOf(stored.where), row(" b ", "2")];
  expect(changedSettings(stored, { conditions }).where).toEqual({ " a ": ["1"], b: ["2"] });
});

test("the drafted events are known while a condition is incomplete", () => {
  const drafted = (draft: Draft) => draftedSubscription(STORED, draft);
  expect([drafted({}), drafted({ name: "A" }), drafted({ typed: { changed: "status" } })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(drafted({ typed: { changed: "total" } })).toMatchObject({
    processNames: ["Order"],
    changed: ["status", "total"],
    where: STORED.where,
  });
  expect(drafted({ conditions: [...rowsOf(STORED.where), row("total", "")] })).toBeUndefined();
  expect(drafted({ conditions: [row("a", "1"), row("b", "")] })?.where).toEqual({ a: ["1"] });
});

test("a subscription is that of the fields, stored or drafted", () => {
  const { processNames, changed, where } = STORED;
  const stored = { processNames, changed, where };
  expect(subscriptionOf(STORED, { name: "A" })).toEqual(stored);
  const drafted = subscriptionOf(STORED, { typed: { changed: "total" }, conditions: [row("a", "")] });
  expect(drafted).toEqual({ processNames, changed: ["status", "total"], where: {} });
  expect(isSameSubscription(drafted, stored)).toBe(false);
  const reordered = { ...stored, where: Object.fromEntries(Object.entries(where).reverse()) };
  expect(isSameSubscription(stored, reordered)).toBe(true);
  expect(isSameSubscription({ ...stored, processNames: [] }, stored)).toBe(false);
  expect(isSameSubscription({ ...stored, where: {} }, stored)).toBe(false);
});

test("the errors of a subscription leave out other fields", () => {
  const errors = (draft: Draft) => subscriptionErrors(fieldsOf(STORED, draft), STORED.where);
  expect(errors({ maxPerSecond: "many" })).toBeUndefined();
  expect(errors({ conditions: [row("a", "")] })?.conditions).toHaveLength(1);
});

test("an incomplete condition has its error at the missing field", () => {
  const errors = (draft: Draft, stored = STORED) => localErrors(fieldsOf(stored, draft), stored.where);
  expect(errors({})).toBeUndefined();
  expect(errors({ conditions: [row("", ""), row("a", "1")] })).toBeUndefined();
  const conditions = [row(" ", "1"), row("a", ""), row("b", "", true), row("c", "1")];
  const [path, text] = ["Enter the path of an attribute.", "Enter a value, or remove the condition."];
  expect(errors({ conditions })?.conditions).toEqual([{ path }, { text }, { text }, {}]);
  const withEmpty = { ...STORED, where: { a: ["", { prefix: "" }] } };
  expect(errors({ conditions: rowsOf(withEmpty.where) }, withEmpty)).toBeUndefined();
  expect(errors({ maxPerSecond: "many" })?.maxPerSecond).toContain("Enter a whole number");
});

test("the API's error stands at its field, without its place in the JSON", () => {
  const errors = (field: string | undefined, detail: string, draft: Draft = {}) =>
    fieldErrors(problem(field, detail), fieldsOf(STORED, draft), STORED.where);
  expect(fieldErrors(null, fieldsOf(STORED, {}), STORED.where)).toEqual({ other: undefined });
  const offline = new TypeError("Failed to fetch");
  expect(fieldErrors(offline, fieldsOf(STORED, {}), STORED.where)).toEqual({ other: offline });
  expect(errors(undefined, "x")).toEqual({ other: problem(undefined, "x") });
  expect(errors("changed[1]", 'in changed[1]: the path "a..b" has an empty name at line 1 column 9')).toEqual(
    {
      changed: 'The path "a..b" has an empty name.',
    },
  );
  expect(errors("processNames[0]", "x").processNames).toContain("at most 100 process names");
  expect(errors("maxPerSecond", "x").maxPerSecond).toContain("Enter a whole number");
  expect(errors("where", "in where: 11 attributes are given")).toEqual({ where: "11 attributes are given." });
  const secretHeaders = { stored: new Map(), added: [{ name: "host", value: "a" }] };
  expect(errors("secretHeaders.host", "in secretHeaders.host: x", { secretHeaders })).toEqual({
    headers: [{ name: "X." }],
  });
  expect(errors("secretHeaders", "in secretHeaders: x")).toEqual({ secretHeaders: "X." });
  expect(errors("changedAt", "x")).toEqual({ other: problem("changedAt", "x") });
});

test("the API's error in a condition stands at its row", () => {
  const conditions = [
    row("", ""),
    row("steps", "1"),
    row("steps[0].done", "true"),
    row("steps", "2"),
    row("steps[0].done", "f", true),
  ];
  const at = (field: string) => {
    const errors = fieldErrors(
      problem(field, `in ${field}: bad`),
      fieldsOf(STORED, { conditions }),
      STORED.where,
    );
    return errors.conditions?.map((fields) => Object.entries(fields).flat().join(": ")) ?? errors;
  };
  expect(at("where.steps[1]")).toEqual(["", "", "", "text: Bad.", ""]);
  expect(at("where.steps")).toEqual(["", "path: Bad.", "", "", ""]);
  expect(at("where.steps[0].done")).toEqual(["", "", "path: Bad.", "", ""]);
  expect(at("where.steps[0].done[1]")).toEqual(["", "", "", "", "text: Bad."]);
  expect(at("where.steps[1].prefix")).toEqual(["", "", "", "text: Bad.", ""]);
  expect(at("where.step")).toEqual({ where: "Bad." });
  expect(at("where.stepsize[0]")).toEqual({ where: "Bad." });
});
