import type { Middleware } from "openapi-fetch";

interface Known {
  tag: string;
  body: string;
}

/** Maximum number of responses that are kept: those that a view polls, and of a few views before. */
const MAX_KNOWN = 20;

/** Secrets are kept by the view that shows them only. */
const isKept = (url: string) => !new URL(url).pathname.endsWith("/signing-secret");

/** Returns what is kept of a response, if anything. */
async function read(request: Request, response: Response): Promise<Known | undefined> {
  const tag = response.headers.get("etag");
  const isKnowable = request.method === "GET" && response.status === 200 && isKept(request.url);
  return tag && isKnowable ? { tag, body: await response.clone().text() } : undefined;
}

/**
 * Returns a middleware that sends the entity tag of the response that it has, and returns that response if it is current
 * (304). A browser does not do this by itself for what must not be stored on its disk (`no-store`).
 */
export function knownResponses(): Middleware {
  const known = new Map<string, Known>();
  return {
    onRequest({ request }) {
      const tag = known.get(request.url)?.tag;
      if (tag && request.method === "GET") {
        request.headers.set("If-None-Match", tag);
      }
    },
    async onResponse({ request, response }) {
      const { url } = request;
      const before = known.get(url);
      const isCurrent = response.status === 304 && before !== undefined;
      const now = isCurrent ? before : await read(request, response);
      known.delete(url);
      if (now) {
        // The last of the map is the one used last.
        known.set(url, now);
        for (const oldest of [...known.keys()].slice(0, -MAX_KNOWN)) {
          known.delete(oldest);
        }
      }
      return isCurrent ? new Response(before.body, { headers: response.headers }) : undefined;
    },
  };
}
