import type { Schemas } from "../../api/client";

/** Formats a request as a curl command for any POSIX shell. */
export function curlOf({ method, url, headers }: Schemas["DeliveryRequest"]): string {
  return [
    // These options keep curl from interpreting brackets and dot segments in the URL.
    "curl --include --globoff --path-as-is",
    `--request ${quoted(method)}`,
    ...headers.map(({ name, value }) => `--header ${quoted(`${name}: ${value}`)}`),
    quoted(url),
  ].join(" \\\n  ");
}

/** Quotes a text as one shell word. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
