/** Characters of a URL that the API accepts at most. */
const MAX_CHARACTERS = 2_048;

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Returns the normal form in which the API stores a URL, or the text itself if it is not a URL. */
export function normalUrl(text: string): string {
  const url = parse(text.trim());
  if (!url) {
    return text.trim();
  }
  url.hash = "";
  return url.href;
}

/**
 * Returns why a line cannot be a callback URL, or `undefined`. It finds the common mistakes while they are typed; the
 * API decides.
 */
export function urlMistake(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) {
    return "a callback URL begins with http:// or https://";
  }
  if (/\s/.test(text)) {
    return "a URL has no spaces: write %20, or put the next URL on a line of its own";
  }
  if (text.length > MAX_CHARACTERS) {
    return `the URL has ${text.length} characters; at most ${MAX_CHARACTERS} are allowed`;
  }
  const url = parse(text);
  if (!url) {
    return "this is not a valid URL: check the host and the port";
  }
  return url.username || url.password
    ? "a callback URL has no user or password before the host; put a token into the path or the query"
    : undefined;
}
