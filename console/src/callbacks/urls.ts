/** Characters of a URL that the API accepts at most. */
const MAX_CHARACTERS = 2_048;

/** Blanks, and characters without a width that are copied along unseen. The API drops them before and behind a URL. */
const UNSEEN = "[\\s\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]";
const AROUND = new RegExp(`^${UNSEEN}+|${UNSEEN}+$`, "g");

/** Another URL in the same line, after a blank or a comma. */
const SECOND_URL = /[\s,;]https?:\/\//i;

const TWO_SCHEMES = /^https?:\/\/https?(:|\/\/)/i;

/** Returns a text as the API reads it: without blanks and invisible characters before and behind it. */
export const trimUrl = (text: string) => text.replace(AROUND, "");

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Returns the normal form in which the API stores a URL, or the text itself if it is not a URL. */
export function normalUrl(text: string): string {
  const url = parse(trimUrl(text));
  if (!url) {
    return trimUrl(text);
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
  if (SECOND_URL.test(text)) {
    return "there are two URLs in this line: write each on a line of its own";
  }
  if (TWO_SCHEMES.test(text)) {
    return "the URL begins with two schemes: remove one of them";
  }
  if (/\s/.test(text)) {
    return "a URL has no spaces: write %20";
  }
  if (text.length > MAX_CHARACTERS) {
    return `the URL has ${text.length} characters; at most ${MAX_CHARACTERS} are allowed`;
  }
  const url = parse(text);
  if (!url) {
    return "this is not a valid URL: check the host and the port";
  }
  if (/\*|^\.|\.\./.test(url.hostname)) {
    return "no host has this name: check its dots, and write one URL for each host instead of *";
  }
  return url.username || url.password
    ? "a callback URL has no user or password before the host; put a token into the path or the query"
    : undefined;
}
