import { QueryClient } from "@tanstack/react-query";
import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryHooks from "openapi-react-query";
import { isRetryable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** The API, by its OpenAPI document: `api.GET("/v1/…", { params })`. */
export const api = createFetchClient<paths>({ baseUrl: location.origin });

/** The same as hooks: `query.useQuery("get", "/v1/…", { params })`. */
export const query = createQueryHooks(api);

/** How often what changes by itself is read again while somebody looks at it, in milliseconds. */
export const POLL_INTERVAL_MS = 3_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && isRetryable(error),
      staleTime: 1_000,
      // Without a network this machine still answers, and what does not is said instead of waited for.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

let token: () => string | undefined = () => undefined;

/** Every call from now on carries what this gives. */
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

/** What stands between the console and the API, a gateway or a proxy, need not answer with a problem. */
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
      detail: text.slice(0, 200) || `the service answered ${response.status} without saying why`,
    };
    return Response.json(problem, { status: response.status });
  },
};

api.use(bearer, asProblem);
