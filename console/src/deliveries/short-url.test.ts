import { expect, test } from "vitest";
import { shortUrl } from "./short-url";

test("the end of the path is apart from what may be cut, without https and a bare slash", () => {
  for (const [url, start, end] of [
    ["https://my-service.com/", "my-service.com", ""],
    ["https://my-service.com/created?x=1", "my-service.com", "/created?x=1"],
    ["http://127.0.0.1:9999/hook", "http://127.0.0.1:9999", "/hook"],
    ["Unknown, because the callbacks cannot be read", "Unknown, because the callbacks cannot be read", ""],
  ] as const) {
    expect(shortUrl(url)).toEqual({ start, end });
  }
});

test("long URLs of one host differ by their end", () => {
  const [one, other] = ["a", "b"].map((end) =>
    shortUrl(`https://my-service.com/${"path/".repeat(50)}${end}`),
  );
  expect(one?.start).toBe(other?.start);
  expect([one?.end, other?.end]).toEqual(["th/path/path/a", "th/path/path/b"]);
});
