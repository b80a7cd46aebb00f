import type { Schemas } from "../../api/client";

type Request = Schemas["DeliveryRequest"];

/** Returns the request with `webhook-timestamp` and `webhook-signature`. `now` is in milliseconds. */
export async function signRequest(request: Request, secrets: string[], now: number): Promise<Request> {
  const timestamp = String(Math.floor(now / 1000));
  const id = request.headers.find(({ name }) => name === "webhook-id")?.value ?? "";
  const target = request.url.replace(/^https?:\/\/[^/?#]*/i, "");
  const text = new TextEncoder().encode(`${id}.${timestamp}.${target}`);
  const signatures = await Promise.all(secrets.map((secret) => signature(secret, text)));
  const headers = [
    ...request.headers,
    { name: "webhook-timestamp", value: timestamp },
    { name: "webhook-signature", value: signatures.join(" ") },
  ];
  return { ...request, headers };
}

async function signature(secret: string, text: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, text);
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signed)))}`;
}
