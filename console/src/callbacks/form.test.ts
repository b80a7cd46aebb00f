import { expect, test } from "vitest";
import { changedBy, differing, withMarks } from "./differences";
import {
  changedFields,
  type Form,
  isChanged,
  lineErrorsOf,
  linesOf,
  linesWithErrors,
  NO_LINE_ERRORS,
  rangeOfLine,
  remainingErrors,
  urlsOf,
} from "./form";

const off = { enabled: false, urls: "" };
const form = (created: Partial<Form["created"]>): Form => ({
  created: { ...off, ...created },
  updated: off,
  deleted: off,
});

test("lines are counted as in the API: from 1, with blank ones", () => {
  expect(linesOf("\nhttp://a/\n  \n http://b/ \n")).toEqual([
    { number: 2, url: "http://a/" },
    { number: 4, url: "http://b/" },
  ]);
});

test("stored URLs have no blank lines and no duplicates", () => {
  expect(urlsOf("http://a/\n\nhttp://b/\n http://a/\n")).toEqual(["http://a/", "http://b/"]);
});

test("a line's range is the line without its end", () => {
  const text = "one\n\nthree";
  const line = (number: number) => text.slice(...rangeOfLine(text, number));
  expect([1, 2, 3, 4].map(line)).toEqual(["one", "", "three", ""]);
});

test("an error follows its line, and ends with it", () => {
  const typed = form({ urls: "http://a/\n\nbad one\n" });
  const problem = { type: "urn:instance-webhooks:problem:invalid-url", eventType: "created" as const };
  const errors = lineErrorsOf(typed, [{ ...problem, line: 3, detail: "created, line 3: no" }]);
  expect(errors).toEqual({
    ...NO_LINE_ERRORS,
    created: [{ url: "bad one", detail: "no", lineSpecific: true }],
  });
  const moved = "bad one\nhttp://a/";
  expect(linesWithErrors(remainingErrors(errors.created, moved), moved)).toEqual([
    { number: 1, url: "bad one", detail: "no" },
  ]);
  expect(remainingErrors(errors.created, "http://a/\nbetter")).toEqual([]);
});

test("the error of too many URLs ends with any change", () => {
  const typed = form({ urls: "http://a/\nhttp://b/" });
  const type = "urn:instance-webhooks:problem:too-many-urls";
  const errors = lineErrorsOf(typed, [{ type, eventType: "created", line: 2, detail: "one too many" }]);
  expect(linesWithErrors(errors.created, typed.created.urls)).toHaveLength(1);
  expect(remainingErrors(errors.created, "http://b/")).toEqual([]);
});

test("any difference from the stored text is a change, even a blank", () => {
  const stored = {
    version: 1,
    created: { enabled: true, urls: ["http://a/"] },
    updated: { enabled: false, urls: [] },
    deleted: { enabled: false, urls: [] },
  };
  expect(isChanged(form({ enabled: true, urls: "http://a/" }), stored)).toBe(false);
  expect(isChanged(form({ enabled: true, urls: "http://a/\n" }), stored)).toBe(true);
  expect(isChanged(form({ enabled: false, urls: "http://a/" }), stored)).toBe(true);
});

test("two sides do not differ by blanks and duplicates", () => {
  expect(differing(form({ urls: "http://a/" }), form({ urls: "\nhttp://a/\nhttp://a/ " }))).toEqual([]);
  expect(differing(form({ urls: "http://a/" }), form({ urls: "http://b/" }))).toEqual(["created"]);
  expect(differing(form({ enabled: true }), form({}))).toEqual(["created"]);
});

test("a URL on one side only is marked", () => {
  const one = { enabled: true, urls: "http://a/\nhttp://b/" };
  const other = { enabled: true, urls: "http://b/" };
  expect(withMarks(one, other)).toEqual([
    { url: "http://a/", onlyHere: true },
    { url: "http://b/", onlyHere: false },
  ]);
  expect(withMarks(other, one)).toEqual([{ url: "http://b/", onlyHere: false }]);
});

test("the common base decides which side has changed", () => {
  const changed = { ...off, enabled: true };
  expect(changedBy(off, changed, off)).toBe("theirs");
  expect(changedBy(off, off, changed)).toBe("mine");
  expect(changedBy(off, changed, { ...off, urls: "http://a/" })).toBe("both");
});

test("the first URL of an event type that was never used enables it", () => {
  const unused = { enabled: false, urls: [] };
  const pasted = { enabled: true, urls: "http://a/" };
  expect(changedFields(unused, off, { urls: "http://a/" })).toEqual(pasted);
  expect(changedFields(unused, off, { urls: " \n" })).toEqual({ ...off, urls: " \n" });
  // A toggle that the user has switched off stays off.
  const switchedOff = changedFields(unused, pasted, { enabled: false });
  expect(changedFields(unused, switchedOff, { urls: "http://a/\nhttp://b/" }).enabled).toBe(false);
  // An event type that is off with URLs was switched off on purpose.
  const used = { enabled: false, urls: ["http://a/"] };
  expect(changedFields(used, off, { urls: "http://a/" }).enabled).toBe(false);
});
