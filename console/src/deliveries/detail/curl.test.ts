import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { curlOf } from "./curl";

/** Returns the arguments that a shell passes to curl. */
function argumentsOf(text: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${text}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

test("a shell passes every character to curl unchanged", () => {
  const url = `https://example.com/a'b"c$(id)\`id\`/../[1-3]{x,y}?q=\\n&x=!1;2|3#4 *~`;
  const headers = [
    { name: "webhook-id", value: "it's $HOME" },
    { name: "x-quotes", value: `'"'"'` },
  ];
  expect(argumentsOf(curlOf({ method: "GET", url, headers }))).toEqual([
    "--include",
    "--globoff",
    "--path-as-is",
    "--request",
    "GET",
    "--header",
    "webhook-id: it's $HOME",
    "--header",
    `x-quotes: '"'"'`,
    url,
  ]);
});
