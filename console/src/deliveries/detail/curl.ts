import type { Schemas } from "../../api/client";

/** The request as a command line for any POSIX shell. */
export function curlOf({ method, url, headers }: Schemas["RequestBody"]): string {
  return [
    // The URL stays as it is: neither brackets nor dots mean anything to curl.
    "curl --include --globoff --path-as-is",
    `--request ${quoted(method)}`,
    ...headers.map(({ name, value }) => `--header ${quoted(`${name}: ${value}`)}`),
    quoted(url),
  ].join(" \\\n  ");
}

/** One word to the shell, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
