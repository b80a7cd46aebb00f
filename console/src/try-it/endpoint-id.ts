import type { ReceivedRequest } from "./local-api";

/** The parameters that stand behind the URL's own query. */
const PARAMETERS = /(^|&)instanceID=[^&]*&processName=[^&]*&eventType=[a-z]+$/;

/** Returns the id of the endpoint that a request to the built-in receiver was sent to: the hash of its URL. */
export async function endpointIdOf({
  path,
  query,
  headers,
}: Pick<ReceivedRequest, "path" | "query" | "headers">): Promise<string> {
  const own = (query ?? "").replace(PARAMETERS, "");
  const url = `http://${headers.host}${path}${own && `?${own}`}`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(url));
  return [...new Uint8Array(digest, 0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
