import { expect, test } from "vitest";
import type { Entry } from "../audit/labels";
import { changesOf } from "./history";

const linesOf = (from: object, to: object) => changesOf({ from, to } as Entry);

test("changes of secret headers name the header, and never show a value", () => {
  const [before, later] = ["2026-01-31T12:00:00Z", "2026-02-01T12:00:00Z"];
  const from = { secretHeaders: { authorization: before, cookie: before } };
  expect(linesOf({}, from)).toEqual(["Secret header authorization: set", "Secret header cookie: set"]);
  expect(linesOf(from, { secretHeaders: { authorization: later } })).toEqual([
    "Secret header authorization: new value",
    "Secret header cookie: removed",
  ]);
  expect(linesOf(from, from)).toEqual([]);
});

test("the choice of what is sent while events wait is left out by default", () => {
  expect(linesOf({}, { onBacklog: "latest" })).toEqual(["While events wait: every event → latest only"]);
  expect(linesOf({ onBacklog: "latest" }, {})).toEqual(["While events wait: latest only → every event"]);
});
