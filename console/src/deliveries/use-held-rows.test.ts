import { expect, test } from "vitest";
import type { Delivery } from "./log";
import { heldRows } from "./use-held-rows";

const delivery = (deliveryID: string, status = "pending") =>
  ({ deliveryID, status, changedAt: `2026-01-31T12:00:0${deliveryID}Z` }) as Delivery;

test("held rows keep their places, are updated, and new ones are counted", () => {
  const held = ["3", "2", "1"].map((id) => delivery(id));
  const latest = [delivery("5"), delivery("4"), delivery("3", "delivered"), delivery("2"), delivery("0")];
  const { rows, added } = heldRows(held, latest);
  expect(rows.map(({ deliveryID, status }) => `${deliveryID} ${status}`)).toEqual([
    "3 delivered",
    "2 pending",
    "1 pending",
  ]);
  expect(added).toBe(2);
});
