import { expect, test } from "vitest";
import { isDamaged, mayPass, type Problem, wordsOf } from "./problem";

const problem = (kind: string, status: number): Problem => ({
  type: `urn:instance-webhooks:problem:${kind}`,
  title: "Title",
  status,
  detail: "what happened",
});
const DAMAGED = problem("stored-data-damaged", 500);

test("damage says that nothing is lost, and who corrects it", () => {
  const { title, detail } = wordsOf(DAMAGED);
  expect(title).toBe("What is stored cannot be read");
  expect(detail).toMatch(/^Nothing is lost\. Ask the operator/);
  expect(wordsOf(problem("unknown-endpoint", 404))).toEqual({ title: "Title", detail: "What happened" });
});

test("damage does not pass, what did not come through may", () => {
  expect(isDamaged(DAMAGED)).toBe(true);
  expect(isDamaged(new TypeError("Failed to fetch"))).toBe(false);
  expect(mayPass(DAMAGED)).toBe(false);
  expect(mayPass(problem("unknown-endpoint", 404))).toBe(false);
  expect(mayPass(problem("store-unavailable", 503))).toBe(true);
  expect(mayPass(new TypeError("Failed to fetch"))).toBe(true);
});
