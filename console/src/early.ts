declare global {
  interface Window {
    /** Responses to what `build/early.ts` requests before the program is loaded, by path. `undefined`: no response. */
    early?: Record<string, Promise<Response | undefined>>;
  }
}

// Without the script, such as with `npm run dev`, nothing has been requested.
window.early ??= {};

/** Sends a request, or returns the early response to it, once. */
export async function earlyFetch(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const path = pathname + search;
  const early = request.method === "GET" ? window.early?.[path] : undefined;
  if (!early) {
    return fetch(request);
  }
  delete window.early?.[path];
  return (await early) ?? fetch(request);
}
