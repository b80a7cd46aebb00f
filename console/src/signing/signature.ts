/**
 * Verifies the signature of a callback request as a receiver does: Standard Webhooks, HMAC-SHA256 over
 * `{webhook-id}.{webhook-timestamp}.{target}`. Runs in the browser only.
 */

import { nearMisses } from "./near-misses";

/** Form input, as copied from a request. */
export interface PastedRequest {
  /** Path and query, a whole URL, or the request line. */
  target: string;
  id: string;
  timestamp: string;
  signature: string;
}

export type Field = keyof PastedRequest;

/** The signed parts of a request. */
export interface SignedParts {
  target: string;
  id: string;
  timestamp: string;
}

export type VerificationResult =
  /** At least one field has no valid value. */
  | { kind: "malformed"; problems: Partial<Record<Field, string>> }
  /** Secrets that produced one of the signatures. */
  | { kind: "valid"; signed: SignedParts; secrets: string[] }
  /** No signature matches. `nearMiss` describes a variant of the request that does. */
  | {
      kind: "invalid";
      signed: SignedParts;
      signatures: number;
      nearMiss: { difference: string; secret: string } | null;
    };

/** Maximum age that receivers accept, in seconds, into the past and the future. */
export const TOLERANCE_SECONDS = 300;

export async function verify(pasted: PastedRequest, secrets: string[]): Promise<VerificationResult> {
  const signed = {
    target: targetOf(pasted.target),
    id: headerValue("webhook-id", pasted.id),
    timestamp: headerValue("webhook-timestamp", pasted.timestamp),
  };
  const signatures = headerValue("webhook-signature", pasted.signature).split(/\s+/).filter(Boolean);
  const problems = problemsOf(signed, signatures);
  if (Object.keys(problems).length > 0) {
    return { kind: "malformed", problems };
  }
  if (!crypto.subtle) {
    throw new Error(
      "Browsers compute signatures only on pages served over https or from this machine. Open the console over https",
    );
  }
  const keys = await Promise.all(secrets.map(async (secret) => ({ secret, key: await keyOf(secret) })));
  const matchingSecrets = async (request: SignedParts) => {
    const expected = await Promise.all(
      keys.map(async ({ secret, key }) => ({ secret, signature: await sign(key, request) })),
    );
    return expected.filter(({ signature }) => signatures.includes(signature)).map(({ secret }) => secret);
  };
  const found = await matchingSecrets(signed);
  if (found.length > 0) {
    return { kind: "valid", signed, secrets: found };
  }
  for (const { request, difference } of nearMisses(signed)) {
    const [secret] = await matchingSecrets(request);
    if (secret) {
      return { kind: "invalid", signed, signatures: signatures.length, nearMiss: { difference, secret } };
    }
  }
  return { kind: "invalid", signed, signatures: signatures.length, nearMiss: null };
}

/** Returns the signed text. */
export const signedText = ({ id, timestamp, target }: SignedParts) => `${id}.${timestamp}.${target}`;

/** Returns the age of a request in seconds, negative if it is ahead of the clock. */
export function requestAge(timestamp: string, now: number): number {
  return Math.round(now / 1000 - Number(timestamp));
}

/** Extracts the request target byte for byte, without its fragment. A URL parser would normalise it. */
export function targetOf(text: string): string {
  const line = text.trim().replace(/^[A-Z]+ (.*?)( HTTP\/[0-9.]+)?$/, "$1");
  const target = line.replace(/^https?:\/\/[^/?#]*/i, "").replace(/#.*$/s, "");
  const isWholeUrl = /^https?:\/\//i.test(line);
  return isWholeUrl && !target.startsWith("/") ? `/${target}` : target;
}

/** Returns a header's value, without the header's name if it was copied too. */
function headerValue(header: string, text: string): string {
  return text
    .trim()
    .replace(new RegExp(`^${header}\\s*:`, "i"), "")
    .trim();
}

function problemsOf(
  { target, id, timestamp }: SignedParts,
  signatures: string[],
): Partial<Record<Field, string>> {
  const problems: Partial<Record<Field, string>> = {};
  if (!target) {
    problems.target = "Paste the request target, or the whole URL";
  } else if (!target.startsWith("/")) {
    problems.target = "A request target begins with /, a whole URL with http:// or https://";
  }
  if (!id) {
    problems.id = "Paste the value of webhook-id";
  }
  if (!timestamp) {
    problems.timestamp = "Paste the value of webhook-timestamp";
  } else if (!/^[0-9]{1,11}$/.test(timestamp)) {
    problems.timestamp = /^[0-9]{13}$/.test(timestamp)
      ? "These are milliseconds. The header carries seconds since 1970: 10 digits"
      : "The header carries seconds since 1970: 10 digits, nothing else";
  }
  const invalid = signatures.find((signature) => signature.startsWith("v1,") && !isSignature(signature));
  if (signatures.length === 0) {
    problems.signature = "Paste the value of webhook-signature";
  } else if (!signatures.some((signature) => signature.startsWith("v1,"))) {
    problems.signature = "No part of it begins with v1, which is the version of these signatures";
  } else if (invalid) {
    problems.signature = `v1, is followed by 44 characters of Base64. This part has been cut off or changed: ${invalid}`;
  }
  return problems;
}

/** Returns `true` for `v1,` and 32 bytes in Base64. */
const isSignature = (text: string) => /^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);

function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

async function sign(key: CryptoKey, signed: SignedParts): Promise<string> {
  const bytes = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signedText(signed)));
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(bytes)))}`;
}
