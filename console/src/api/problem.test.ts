import { expect, test } from "vitest";
import { errorMessage, isDamaged, isRetryable, isUnreachable, type Problem } from "./problem";

const problem = (kind: string, status: number): Problem => ({
  type: `urn:instance-webhooks:problem:${kind}`,
  title: "Title",
  status,
  detail: "what happened",
});
const DAMAGED = problem("stored-data-damaged", 500);

test("damage says that nothing is lost, and names the next step", () => {
  const { title, detail } = errorMessage(DAMAGED);
  expect(title).toBe("Stored data cannot be read");
  expect(detail).toMatch(/^Nothing is lost\. Ask the operator/);
  expect(errorMessage(problem("unknown-endpoint", 404))).toEqual({ title: "Title", detail: "What happened" });
});

test("a missing response is told from an error of the program", () => {
  const unreachable = new TypeError("Failed to fetch");
  expect(errorMessage(unreachable)).toEqual({
    title: "The service cannot be reached",
    detail: "Check your network connection and, for a local program, that it is running.",
  });
  expect(isUnreachable(unreachable)).toBe(true);
  expect(isUnreachable(problem("store-unavailable", 503))).toBe(false);
});

test("damage is not retryable, a failed connection is", () => {
  expect(isDamaged(DAMAGED)).toBe(true);
  expect(isDamaged(new TypeError("Failed to fetch"))).toBe(false);
  expect(isRetryable(DAMAGED)).toBe(false);
  expect(isRetryable(problem("unknown-endpoint", 404))).toBe(false);
  expect(isRetryable(problem("store-unavailable", 503))).toBe(true);
  expect(isRetryable(new TypeError("Failed to fetch"))).toBe(true);
});
