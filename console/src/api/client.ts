import { QueryClient } from "@tanstack/react-query";
import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryHooks from "openapi-react-query";
import { earlyFetch } from "../early";
import { knownResponses } from "./known-responses";
import { isRetryable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** Typed client of the API: `api.GET("/v1/…", { params })`. */
export const api = createFetchClient<paths>({ baseUrl: location.origin, fetch: earlyFetch });

/** The client as query hooks: `query.useQuery("get", "/v1/…", { params })`. */
export const query = createQueryHooks(api);

/** Polling interval of live data, in milliseconds. */
export const POLL_INTERVAL_MS = 3_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && isRetryable(error),
      staleTime: 1_000,
      // Requests are sent while the browser is offline too: a local program still answers, and failures are shown.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

let token: () => string | undefined = () => undefined;

/** Sets the source of the bearer token for all later calls. */
export function setTokenSource(source: () => string | undefined) {
  token = source;
}

const bearer: Middleware = {
  onRequest({ request }) {
    const value = token();
    if (value) {
      request.headers.set("Authorization", `Bearer ${value}`);
    }
  },
};

/** Converts an error response without JSON, as a gateway or proxy sends it, into a problem. */
const asProblem: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.headers.get("content-type")?.includes("json")) {
      return undefined;
    }
    const text = (await response.text()).trim();
    const problem = {
      type: "about:blank",
      title: response.statusText || `Status ${response.status}`,
      status: response.status,
      detail: text.slice(0, 200) || `the service responded with ${response.status} and no details`,
    };
    return Response.json(problem, { status: response.status });
  },
};

api.use(bearer, asProblem, knownResponses());
