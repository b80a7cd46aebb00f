import { expect, test } from "vitest";
import { withKnown } from "./known-rows";
import type { Delivery } from "./log";

const delivery = (deliveryID: string, status = "pending") => ({ deliveryID, status }) as Delivery;
const page = (...deliveries: Delivery[]) => ({ deliveries, next: null });

test("deliveries that have not changed stay the same objects where they are now", () => {
  const before = page(delivery("2"), delivery("1"));
  const { deliveries } = withKnown(before, page(delivery("3"), delivery("2"), delivery("1", "delivered")));
  expect(deliveries).toEqual([delivery("3"), delivery("2"), delivery("1", "delivered")]);
  expect(deliveries[1]).toBe(before.deliveries[0]);
  expect(deliveries[2]).not.toBe(before.deliveries[1]);
});

test("a page that has not changed stays the same object", () => {
  const before = page(delivery("2"), delivery("1"));
  expect(withKnown(before, page(delivery("2"), delivery("1")))).toBe(before);
  expect(withKnown(before, page(delivery("2")))).not.toBe(before);
  expect(withKnown(before, page(delivery("1"), delivery("2")))).not.toBe(before);
  expect(withKnown(before, { ...before, deliveries: [...before.deliveries], next: "a" })).not.toBe(before);
  expect(withKnown(undefined, before)).toBe(before);
});
