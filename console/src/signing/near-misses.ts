import type { SignedParts } from "./signature";

/** A variant of the pasted request, as a framework or proxy may have received it. */
interface NearMiss {
  request: SignedParts;
  /** The change from the variant to the pasted request. */
  difference: string;
}

const DECODED = "Its parameters were decoded in transit";
const PLUS = "A space was sent as %20, and is + here: the query was decoded and encoded again in transit";
const LETTERS = "Its percent-encoding was rewritten in transit";

/** Returns the likely original requests. See "When it does not verify" in docs/receivers.md. */
export function nearMisses(signed: SignedParts): NearMiss[] {
  const { target } = signed;
  const [path = "", ...rest] = target.split("?");
  const query = rest.length > 0 ? `?${rest.join("?")}` : "";
  const candidates: [string, string][] = [
    [target.replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase()), LETTERS],
    [target.replace(/%[0-9a-f]{2}/gi, (code) => code.toLowerCase()), LETTERS],
    [target.replaceAll("+", "%20"), PLUS],
    [withParametersEncoded(target), DECODED],
    [withParametersEncoded(target.replaceAll("+", " ")), PLUS],
    [encodeURI(withParametersEncoded(target)).replaceAll("%25", "%"), DECODED],
    [path.replace(/\/+$/, "") + query, "Its path ends with a slash that was not sent"],
    [`${path}/${query}`, "Its path was sent with a slash at the end, which is missing"],
    [`/${target}`, "Its path was sent with two slashes at the beginning, of which one is missing"],
  ];
  return candidates
    .filter(([candidate]) => candidate !== target)
    .map(([candidate, difference]) => ({ request: { ...signed, target: candidate }, difference }));
}

/** Encodes the three parameters at the end of every callback. The text before them is kept. */
function withParametersEncoded(target: string): string {
  const parts = /^(.*[?&]instanceID=)(.*)(&processName=)(.*)(&eventType=[a-z]+)$/s.exec(target);
  if (!parts) {
    return target;
  }
  const [, before = "", instance = "", between = "", process = "", after = ""] = parts;
  return before + encoded(decoded(instance)) + between + encoded(decoded(process)) + after;
}

/** Percent-encodes all characters except the unreserved ones of RFC 3986. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // An invalid escape: the text is decoded already.
    return text;
  }
}
