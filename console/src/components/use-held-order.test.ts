import { expect, test } from "vitest";
import { inOrderOf } from "./use-held-order";

const rows = (...ids: string[]) => ids.map((endpointID) => ({ endpointID }));

test("rows keep their order, those that have gone leave it, and new ones come last", () => {
  expect(inOrderOf(rows("a", "b", "c"), rows("c", "b", "a"))).toEqual(rows("a", "b", "c"));
  expect(inOrderOf(rows("a", "b", "c"), rows("c", "a"))).toEqual(rows("a", "c"));
  expect(inOrderOf(rows("b", "a"), rows("d", "a", "c", "b"))).toEqual(rows("b", "a", "d", "c"));
});
