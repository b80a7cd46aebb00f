import { expect, test } from "vitest";
import { parametersOf } from "./parameters";

test("parameters are decoded, in their order, also those of the URL itself", () => {
  const url =
    "https://h/p?token=a=b&flag&instanceID=4%2F7&processName=%C3%9Cber+sicht%20%26&eventType=created";
  expect(parametersOf(url).map(({ name, value }) => `${name}: ${value}`)).toEqual([
    "token: a=b",
    "flag: ",
    "instanceID: 4/7",
    "processName: Über sicht &",
    "eventType: created",
  ]);
});

test("what is not valid stays as it is", () => {
  expect(parametersOf("https://h/?x=%zz&y=%C3")).toEqual([
    { name: "x", value: "%zz" },
    { name: "y", value: "%C3" },
  ]);
  expect(parametersOf("https://h/")).toEqual([]);
});
