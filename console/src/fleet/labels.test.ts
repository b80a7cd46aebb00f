import { expect, test } from "vitest";
import { healthLabels } from "./labels";

const counts = { total: 0, healthy: 0, slow: 0, failing: 0, disabled: 0, damaged: 0, paused: 0 };

const labelsOf = (endpoints: Partial<typeof counts>, readable = true) =>
  healthLabels({
    workspaceID: "default",
    readable,
    endpoints: { ...counts, ...endpoints },
    backlog: { pending: 0, capped: false },
    attention: [],
  }).map(({ text }) => text);

test("endpoints are counted by health, the worst first", () => {
  const all = { total: 8, healthy: 3, slow: 1, failing: 2, disabled: 1, damaged: 1, paused: 1 };
  expect(labelsOf(all)).toEqual(["1 damaged", "1 disabled", "2 failing", "1 paused", "1 slow", "3 healthy"]);
  expect(labelsOf({ total: 2, healthy: 2 })).toEqual(["2 healthy"]);
});

test("a workspace without URLs, and one that cannot be read, say so", () => {
  expect(labelsOf({})).toEqual(["No URLs"]);
  expect(labelsOf({}, false)).toEqual(["Callbacks damaged"]);
});
