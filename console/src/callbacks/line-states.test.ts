import { expect, test } from "vitest";
import { lineAt, lineStates } from "./line-states";
import { normalUrl, urlMistake } from "./urls";

test("each line has a status, and a line says which one it repeats", () => {
  const text = "http://a\n\nftp://b/\nHTTP://A/#part\nhttps://c/x y\nhttp://d/";
  const errors = [{ url: "http://d/", detail: "not allowed", lineSpecific: true }];
  expect(lineStates(text, errors, undefined).map(({ number, status }) => [number, status])).toEqual([
    [1, "valid"],
    [3, "invalid"],
    [4, "duplicate"],
    [5, "invalid"],
    [6, "invalid"],
  ]);
  const details = lineStates(text, errors, undefined).map(({ detail }) => detail);
  expect(details[2]).toBe("the same URL as line 1; it is saved and called once");
  expect(details[4]).toBe("not allowed");
});

test("the line that is being typed has no mistake yet, unless the API has rejected it", () => {
  expect(lineStates("http", [], 1)[0]?.status).toBe("editing");
  expect(lineStates("http", [], undefined)[0]?.status).toBe("invalid");
  const rejected = [{ url: "http", detail: "no", lineSpecific: true }];
  expect(lineStates("http", rejected, 1)[0]).toMatchObject({ status: "invalid", rejected: true });
});

test("common mistakes are named, and everything else is left to the API", () => {
  expect(urlMistake("ftp://a/")).toMatch(/begins with http/);
  expect(urlMistake("http://a/ b")).toMatch(/%20/);
  expect(urlMistake("http://")).toMatch(/not a valid URL/);
  expect(urlMistake("http://user:word@a/")).toMatch(/user or password/);
  expect(urlMistake(`http://a/${"x".repeat(2_048)}`)).toMatch(/at most 2048/);
  expect(urlMistake("https://a/, https://b/")).toMatch(/two URLs/);
  expect(urlMistake("https://a/;HTTP://b/")).toMatch(/two URLs/);
  expect(urlMistake("https://a/?u=https://b/")).toBeUndefined();
  expect(urlMistake("http://https://a/")).toMatch(/two schemes/);
  expect(urlMistake("http://https.example/")).toBeUndefined();
  for (const host of ["a..b", "*.example", ".a"]) {
    expect(urlMistake(`http://${host}/`), host).toMatch(/no host has this name/);
  }
  expect(urlMistake("http://169.254.169.254/")).toBeUndefined();
});

test("the normal form is the API's", () => {
  expect(normalUrl(" http://EXAMPLE.com#x ")).toBe("http://example.com/");
  expect(normalUrl("\ufeff\u200b http://a/\u200b")).toBe("http://a/");
  expect(normalUrl("no url")).toBe("no url");
});

test("an offset is in the line that contains it", () => {
  expect([0, 1, 2, 3].map((offset) => lineAt("a\nb", offset))).toEqual([1, 1, 2, 2]);
});
