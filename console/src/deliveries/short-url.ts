/** Number of last characters of a path and query that are always shown. */
const END = 14;

/**
 * Splits a URL into the part that may be cut in a narrow column, and its end, which is shown: URLs of one host differ
 * there. The scheme is left out unless it is `http`, which is worth seeing.
 */
export function shortUrl(url: string): { start: string; end: string } {
  const [, scheme, host = "", rest = ""] = /^(https?:\/\/)([^/?#]*)(.*)$/.exec(url) ?? [];
  if (!scheme) {
    return { start: url, end: "" };
  }
  const path = rest === "/" ? "" : rest;
  const cut = Math.max(0, path.length - END);
  return {
    start: `${scheme === "https://" ? "" : scheme}${host}${path.slice(0, cut)}`,
    end: path.slice(cut),
  };
}
