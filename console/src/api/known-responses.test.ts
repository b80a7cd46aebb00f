import createFetchClient from "openapi-fetch";
import { expect, test } from "vitest";
import { knownResponses } from "./known-responses";
import type { paths } from "./schema";

const ENDPOINTS = "/v1/workspaces/{workspace}/endpoints";
const SECRET = "/v1/workspaces/{workspace}/signing-secret";

/** Creates a client of a server that responds with the current content, or with 304 to those who have it. */
function clientOf(content: () => string) {
  const conditions: (string | null)[] = [];
  const client = createFetchClient<paths>({
    baseUrl: "http://console.test",
    fetch: async (request) => {
      const condition = request.headers.get("If-None-Match");
      conditions.push(condition);
      const headers = { etag: `W/"${content()}"` };
      return condition === headers.etag
        ? new Response(null, { status: 304, headers })
        : Response.json({ content: content() }, { headers });
    },
  });
  client.use(knownResponses());
  const get = async (path: typeof ENDPOINTS | typeof SECRET, workspace: string) =>
    (await client.GET(path, { params: { path: { workspace } } })).data;
  return { conditions, get };
}

test("what has not changed is not sent again, what has is", async () => {
  let content = "a";
  const { conditions, get } = clientOf(() => content);
  expect(await get(ENDPOINTS, "w")).toEqual({ content: "a" });
  expect(await get(ENDPOINTS, "w")).toEqual({ content: "a" });
  content = "b";
  expect(await get(ENDPOINTS, "w")).toEqual({ content: "b" });
  expect(await get(ENDPOINTS, "w")).toEqual({ content: "b" });
  expect(conditions).toEqual([null, 'W/"a"', 'W/"a"', 'W/"b"']);
});

test("the oldest of more than 20 responses is forgotten", async () => {
  const { conditions, get } = clientOf(() => "a");
  for (let workspace = 0; workspace <= 20; workspace++) {
    await get(ENDPOINTS, `w${workspace}`);
  }
  conditions.length = 0;
  await get(ENDPOINTS, "w1");
  await get(ENDPOINTS, "w0");
  expect(conditions).toEqual(['W/"a"', null]);
});

test("a secret is not kept", async () => {
  const { conditions, get } = clientOf(() => "a");
  await get(SECRET, "w");
  await get(SECRET, "w");
  expect(conditions).toEqual([null, null]);
});
