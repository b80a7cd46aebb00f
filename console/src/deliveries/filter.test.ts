import { expect, test } from "vitest";
import { apiFilter, conditionsOf, readFilter, withConditions, writeFilter } from "./filter";

const read = (query: string) => readFilter(new URLSearchParams(query));

test("a filter is read from the address and written to it", () => {
  const filter = read("?status=failed,pending&statusCode=5xx,404&search=a%2Cb&last=15m&other=1");
  expect(writeFilter(filter)).toBe("?status=failed%2Cpending&statusCode=5xx%2C404&search=a%2Cb&last=15m");
  expect(readFilter(new URLSearchParams(writeFilter(filter)))).toEqual(filter);
});

test("lists are lists for the API, texts are not split", () => {
  expect(apiFilter(read("?status=failed,pending&instanceID=a,b&reason=timeout"))).toEqual({
    status: ["failed", "pending"],
    instanceID: "a,b",
    reason: ["timeout"],
  });
});

test("conditions of one property with several values are joined, of texts the last one wins", () => {
  const filter = withConditions({ since: "2026-01-01T00:00:00Z" }, [
    { property: "status", values: ["failed"] },
    { property: "status", values: ["pending", "failed"] },
    { property: "search", values: ["one"] },
    { property: "search", values: [" two "] },
    { property: "reason", values: [] },
  ]);
  expect(writeFilter(filter)).toBe("?status=failed%2Cpending&search=two&since=2026-01-01T00%3A00%3A00Z");
  expect(conditionsOf(filter)).toEqual([
    { property: "status", values: ["failed", "pending"] },
    { property: "search", values: ["two"] },
  ]);
});
