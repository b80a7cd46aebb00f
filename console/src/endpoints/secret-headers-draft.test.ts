import { expect, test } from "vitest";
import {
  changedHeaders,
  errorsAtHeader,
  type HeaderRow,
  headerErrors,
  headerRows,
  headersDraft,
  NEW_HEADER,
} from "./secret-headers-draft";

const AT = "2026-01-31T12:00:00Z";
const STORED = [
  { name: "authorization", changedAt: AT },
  { name: "x-key", changedAt: AT },
];
const [AUTHORIZATION, KEY] = headerRows(STORED) as [HeaderRow, HeaderRow];
const added = (name: string, value: string): HeaderRow => ({ name, value });

/** Returns what is sent after the rows were edited. */
const sent = (...rows: HeaderRow[]) => changedHeaders(headersDraft(STORED, rows));

test("stored headers have no value, and nothing is sent without a change", () => {
  expect(headerRows(STORED)).toEqual(STORED.map((header) => ({ ...header, value: undefined })));
  expect(changedHeaders()).toBeUndefined();
  expect(sent(AUTHORIZATION, KEY)).toBeUndefined();
  expect(sent(AUTHORIZATION, { ...KEY, value: " " }, NEW_HEADER)).toBeUndefined();
});

test("headers are replaced, removed and added one by one", () => {
  expect(sent({ ...AUTHORIZATION, value: "Bearer a " }, KEY)).toEqual({ authorization: "Bearer a" });
  expect(sent(KEY)).toEqual({ authorization: null });
  expect(sent(AUTHORIZATION, added(" Cookie ", "a=b"))).toEqual({ "x-key": null, cookie: "a=b" });
  expect(sent(AUTHORIZATION, added("X-Key", "b"))).toEqual({ "x-key": "b" });
  expect(Object.keys(sent(AUTHORIZATION, KEY, added("__proto__", "a")) ?? {})).toEqual(["__proto__"]);
});

test("a draft keeps what other users change meanwhile", () => {
  const draft = headersDraft(STORED, [{ ...AUTHORIZATION, value: "a" }, added("x-new", "b")]);
  const other = { name: "x-other", changedAt: AT };
  expect(headerRows([...STORED, other], draft)).toEqual([
    { ...AUTHORIZATION, value: "a" },
    { ...other, value: undefined },
    added("x-new", "b"),
  ]);
});

test("an incomplete or repeated header has its error at the field", () => {
  const errors = (...rows: HeaderRow[]) => headerErrors([AUTHORIZATION, ...rows]).slice(1);
  const [name, value, repeated] = [
    "Enter the name of a header.",
    "Enter a value, or remove the header.",
    "This header is in the list already.",
  ];
  expect(errors(NEW_HEADER, { ...KEY, value: "" }, added("x-a", "b"))).toEqual([{}, {}, {}]);
  expect(errors(added(" ", "b"), added("x-a", ""))).toEqual([{ name }, { value }]);
  expect(errors(added("Authorization", "b"))).toEqual([{ name: repeated }]);
});

test("the API's error stands at the name, or at a value that it cannot allow", () => {
  const rows = [AUTHORIZATION, { ...KEY, value: "b" }, added("Host", "c"), added("x-a", "ä")];
  const at = (name: string) =>
    errorsAtHeader(rows, `secretHeaders.${name}`, "Bad.")?.flatMap((fields, index) =>
      Object.keys(fields).map((field) => `${index} ${field}`),
    );
  expect(at("host")).toEqual(["2 name"]);
  expect(at("x-a")).toEqual(["3 value"]);
  expect(at("x-key")).toEqual(["1 value"]);
  expect(at("authorization")).toBeUndefined();
  expect(errorsAtHeader(rows, "secretHeaders", "Bad.")).toBeUndefined();
});
