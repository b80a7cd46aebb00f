import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test as base, expect, type Page } from "@playwright/test";
import { Program } from "./support/program";

/** Without the check of browser errors, which are expected on a hostile page. */
const test = base.extend<object, { program: Program; hostile: string }>({
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const program = await Program.start();
      await use(program);
      await program.stop();
    },
    { scope: "worker" },
  ],
  // A page on another port of this machine.
  hostile: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const server = createServer((_, response) =>
        response.writeHead(200, { "content-type": "text/html" }).end("<title>hostile</title>"),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      server.closeAllConnections();
      server.close();
    },
    { scope: "worker" },
  ],
});

const SECRET = "/v1/workspaces/default/signing-secret";
const ROTATE = `${SECRET}/rotate`;

/** Returns the response that a page gets by `fetch`, or that the browser blocks it. */
function fetchFromPage(page: Page, url: string, init: RequestInit): Promise<string> {
  return page.evaluate(
    ([url, init]) =>
      fetch(url, init).then(
        async (answer) => (answer.type === "opaque" ? "opaque" : `${answer.status} ${await answer.text()}`),
        () => "kept from the page",
      ),
    [url, init] as const,
  );
}

/** Collects the statuses of the program's responses, including those that the browser hides from the page. */
function statuses(page: Page, origin: string): number[] {
  const seen: number[] = [];
  page.on("response", (response) => {
    if (response.url().startsWith(origin)) {
      seen.push(response.status());
    }
  });
  return seen;
}

test("a page of another port neither lists nor scans the tables of the embedded DynamoDB", async ({
  page,
  program,
  hostile,
}) => {
  const seen = statuses(page, program.dynamodb);
  await page.goto(hostile);
  for (const [operation, body] of [
    ["ListTables", "{}"],
    ["Scan", '{"TableName":"Webhooks"}'],
    ["PutItem", '{"TableName":"Instances","Item":{"instanceID":{"S":"forged"}}}'],
  ] as const) {
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": "20260101T000000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    };
    expect(await fetchFromPage(page, program.dynamodb, { method: "POST", headers, body })).toBe(
      "kept from the page",
    );
    expect(await fetchFromPage(page, program.dynamodb, { method: "POST", mode: "no-cors", body })).toBe(
      "opaque",
    );
  }
  expect(await fetchFromPage(page, program.dynamodb, { mode: "cors" })).toBe("kept from the page");
  expect(seen.filter((status) => status !== 403)).toEqual([]);
  expect(seen.length).toBeGreaterThanOrEqual(3);
  expect((await program.call("GET", "/local/instances")).instances).toEqual([]);
});

test("a page of another port rotates no secret and writes no instance", async ({
  page,
  program,
  hostile,
}) => {
  const before = await program.call("POST", ROTATE);
  const seen = statuses(page, program.url);
  await page.goto(hostile);
  const url = program.url + ROTATE;
  const instance = `${program.url}/local/instances/forged`;
  const json = { "content-type": "application/json" };
  expect(await fetchFromPage(page, program.url + SECRET, {})).toBe("kept from the page");
  expect(await fetchFromPage(page, url, { method: "POST" })).toBe("kept from the page");
  expect(await fetchFromPage(page, url, { method: "POST", headers: json, body: "{}" })).toBe(
    "kept from the page",
  );
  expect(await fetchFromPage(page, url, { method: "POST", mode: "no-cors" })).toBe("opaque");
  expect(await fetchFromPage(page, url, { method: "POST", mode: "no-cors", body: "{}" })).toBe("opaque");
  expect(await fetchFromPage(page, instance, { method: "PUT", headers: json, body: "{}" })).toBe(
    "kept from the page",
  );

  const image = await page.evaluate(
    (src) =>
      new Promise((resolve) => {
        const image = Object.assign(new Image(), { src });
        image.onload = () => resolve("shown");
        image.onerror = () => resolve("blocked");
        document.body.append(image);
      }),
    `${program.url}/local/receiver/image`,
  );
  expect(image).toBe("blocked");

  const answer = page.waitForResponse(
    (response) => response.url() === url && response.request().isNavigationRequest(),
  );
  await page.evaluate((action) => {
    const form = Object.assign(document.createElement("form"), { action, method: "post" });
    document.body.append(form);
    form.submit();
  }, url);
  expect((await answer).status()).toBe(403);

  expect(seen.filter((status) => status !== 403)).toEqual([]);
  expect(await program.call("GET", SECRET)).toEqual(before);
  expect((await program.call("GET", "/local/instances")).instances).toEqual([]);
  expect((await program.call("GET", "/local/receiver-log")).requests, "not even the image's").toEqual([]);
});
