import { endpointOf, figure, instances, makeFailing, open, save, settings } from "./support/endpoint-page";
import { changeResponses } from "./support/routes";
import { checkA11y, expect, expectNoSidewaysScrolling, screenshots, test } from "./support/test";

test("a failing endpoint explains itself, and delivers all once resumed", async ({
  page,
  workspace,
  receiver,
}) => {
  const names = await makeFailing(page, workspace, receiver);
  const explanation = page.getByRole("group").filter({ hasText: "Failing since" }).first();
  await expect(explanation).toContainText("The receiver returned an error status. ");
  await expect(explanation).toContainText("503");
  await expect(explanation).toContainText("Nothing is lost: 8 deliveries are pending, in order.");
  await expect(explanation).toContainText("5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, then every 4 h");
  // The second backoff step is an hour, with up to a tenth of jitter.
  await expect(explanation).toContainText(
    /1 retry has failed so far\. Next attempt: in (1 hour|5\d minutes)/,
  );
  await expect(figure(page, "Health").first()).toHaveText("Failing");

  receiver.respondWith(200);
  const before = receiver.requests.length;
  await page.getByRole("button", { name: `Retry now: ${receiver.url}` }).click();
  await expect(page.getByText("Recovered, 8 deliveries on their way")).toBeVisible();
  await expect(page.getByText("Failing since")).toBeHidden();
  await expect(figure(page, "Health").first()).toHaveText(/^(Healthy|Slow)$/);
  await expect(figure(page, "Backlog")).toHaveText("0");
  expect(instances(receiver).slice(before).sort()).toEqual(names);
  await expect(page.getByRole("button", { name: /Retry now/ })).toBeHidden();
});

test("the explanation links to the last failed attempt", async ({ page, workspace, receiver }) => {
  await makeFailing(page, workspace, receiver);
  await page.getByRole("link", { name: "the last attempt" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("deliveries")}/[0-9A-Za-z._~-]+`));
});

test("one success rate, chart and latency belong to the endpoint alone", async ({
  page,
  workspace,
  receiver,
}) => {
  receiver.respondWith(({ target }, response) =>
    response.writeHead(target.startsWith("/gone") ? 410 : 204).end(),
  );
  await workspace.setCallbackUrls(`${receiver.url}/ok`, `${receiver.url}/gone`);
  await workspace.putInstance(`${workspace.name}-1`);
  for (const [url, rate] of [
    [`${receiver.url}/ok`, "100%"],
    [`${receiver.url}/gone`, "0%"],
  ] as const) {
    await open(page, workspace, url);
    await expect(figure(page, "Deliveries")).toHaveText("1");
    await expect(figure(page, "Success rate")).toHaveText(rate);
    await expect(figure(page, "Latency p50 / p95")).toHaveText(/^[\d.]+ m?s \/ [\d.]+ m?s$/);
    await expect(page.getByRole("application", { name: "Deliveries over time by outcome" })).toBeVisible();
  }
});

test("an endpoint that rejects some deliveries is not failing", async ({ page, workspace, receiver }) => {
  const bad = `${workspace.name}-bad`;
  receiver.respondWith(({ instanceID }, response) =>
    response.writeHead(instanceID === bad ? 422 : 200).end(),
  );
  await workspace.setCallbackUrls(receiver.url);
  await workspace.putInstance(bad);
  await workspace.putInstance(`${workspace.name}-good`);
  await open(page, workspace, receiver.url);
  await expect(page.getByText("Rejecting some deliveries")).toBeVisible();
  await expect(figure(page, "Health").first()).toHaveText("Rejecting some");
  await expect(page.getByRole("row", { name: /-good/ })).toContainText("Delivered");
  await expect(page.getByRole("row", { name: /-bad/ })).toContainText(
    "The receiver returned an error status",
  );
});

test("a missed delivery blocks its instance only", async ({ page, workspace, receiver }) => {
  const bad = `${workspace.name}-bad`;
  receiver.respondWith(({ instanceID }, response) =>
    response.writeHead(instanceID === bad ? 500 : 200).end(),
  );
  await workspace.setCallbackUrls(receiver.url);
  await workspace.putInstance(bad);
  await expect.poll(() => instances(receiver)).toContain(bad);
  await workspace.putInstance(bad);
  await workspace.putInstance(`${workspace.name}-good`);
  await open(page, workspace, receiver.url);
  await expect(figure(page, "Backlog")).toHaveText("2");
  await expect(page.getByRole("row", { name: /-good/ })).toContainText("Delivered");
  await expect(page.getByRole("row", { name: /-bad/ }).filter({ hasText: "created" })).toContainText(
    "The receiver returned an error status",
  );
  await expect(page.getByRole("row", { name: /-bad/ }).filter({ hasText: "updated" })).toContainText(
    "Pending",
  );
  await expect(figure(page, "Health").first()).toHaveText("Healthy");
  await expect(page.getByRole("button", { name: /Retry now|Re-enable|^Resume/ })).toBeHidden();
  const updates = receiver.requests.filter(({ eventType }) => eventType === "updated");
  expect(updates, "what follows a missed delivery is not sent before it").toEqual([]);
});

test("a slow endpoint shows the next step, and needs no attention", async ({ page, workspace, receiver }) => {
  const slow = { state: "slow" };
  await changeResponses(page, "**/v1/workspaces/*/endpoints/*", (endpoint) => ({
    ...endpoint,
    health: slow,
  }));
  await changeResponses(page, "**/v1/workspaces/*/endpoints", ({ endpoints }) => ({
    endpoints: endpoints.map((endpoint: object) => ({ ...endpoint, health: slow })),
  }));
  await workspace.setCallbackUrls(receiver.url);
  await workspace.putInstance(`${workspace.name}-1`);
  await open(page, workspace, receiver.url);
  await expect(page.getByText("Slow: answers regularly take longer than 250 ms")).toBeVisible();
  await expect(page.getByText(/^Events are delivered from its backlog, many at a time/)).toBeVisible();
  await expect(figure(page, "Health").first()).toHaveText("Slow");
  await expect(page.getByRole("button", { name: /Retry now|Re-enable|^Resume/ })).toBeHidden();
  await checkA11y(page);

  await page.goto(`${workspace.path("endpoints")}?filter=slow`);
  await expect(page.getByRole("row").filter({ hasText: receiver.url })).toContainText("Slow");
  await page.goto(workspace.path());
  await expect(page.getByText("None: no endpoint is damaged, disabled, failing or paused")).toBeVisible();
});

test("a damaged endpoint names its attributes, and confirms a reset", async ({
  page,
  workspace,
  receiver,
}) => {
  const damaged = { state: "damaged", attributes: ["maxPerSecond", "paused"] };
  await changeResponses(page, "**/v1/workspaces/*/endpoints/*", (endpoint) => ({
    ...endpoint,
    health: damaged,
  }));
  await changeResponses(page, "**/v1/workspaces/*/endpoints", ({ endpoints }) => ({
    endpoints: endpoints.map((endpoint: object) => ({ ...endpoint, health: damaged })),
  }));
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await expect(page.getByText("The record of this endpoint is damaged")).toBeVisible();
  await expect(page.getByText("Attributes that cannot be read: maxPerSecond and paused.")).toBeVisible();
  await expect(figure(page, "Health").first()).toHaveText("Damaged");
  await expect(figure(page, "Next attempt")).toHaveText("When it is reset");
  await checkA11y(page);

  await page.getByRole("button", { name: `Reset damaged attributes: ${receiver.url}` }).click();
  const question = page.getByRole("dialog", { name: "Reset the damaged attributes to their defaults?" });
  await expect(question.getByText("A pause ends.")).toBeVisible();
  await expect(question.getByText("A rate limit is removed")).toBeVisible();
  await expect(question.getByText("A process filter is removed")).toHaveCount(0);
  await checkA11y(page);
  await question.getByRole("button", { name: "Cancel" }).last().click();
  await expect(question).toBeHidden();
  await page.getByRole("button", { name: `Reset damaged attributes: ${receiver.url}` }).click();
  const resumed = page.waitForResponse(/\/resume$/);
  await question.getByRole("button", { name: "Reset" }).click();
  expect((await resumed).status()).toBe(202);
  await expect(page.getByText("are set to their defaults.")).toBeVisible();

  await page.goto(`${workspace.path("endpoints")}?filter=damaged`);
  const row = page.getByRole("row").filter({ hasText: receiver.url });
  await expect(row).toContainText("Nothing is sent to it, and every event for it is kept.");
  await checkA11y(page);
  await page.goto(workspace.path());
  await expect(page.getByRole("heading", { name: "Endpoints that need attention" })).toContainText("(1)");
  await expect(page.getByRole("button", { name: `Reset damaged attributes: ${receiver.url}` })).toBeVisible();
});

test("the list has every URL once, the worst first, and a filter", async ({ page, workspace, receiver }) => {
  const [healthy, failing, paused, gone, off] = ["a-healthy", "z-failing", "b-paused", "x-gone", "off"].map(
    (name) => `${receiver.url}/${name}`,
  ) as [string, string, string, string, string];
  receiver.respondWith(({ target }, response) =>
    response
      .writeHead(target.startsWith("/z-failing") ? 503 : target.startsWith("/x-gone") ? 410 : 200)
      .end(),
  );
  const urls = [healthy, failing, paused, gone];
  await workspace.call("PUT", "/callbacks", {
    created: { enabled: true, urls },
    updated: { enabled: true, urls: [healthy] },
    deleted: { enabled: false, urls: [off] },
  });
  const { endpointID } = await endpointOf(workspace, paused);
  await workspace.call("PATCH", `/endpoints/${endpointID}`, {
    paused: true,
    maxPerSecond: 12,
    processNames: ["Order", "Invoice"],
  });
  // Five deliveries missed in a row make an endpoint failing.
  const names = Array.from({ length: 5 }, (_, index) => `${workspace.name}-${index}`);
  await Promise.all(names.map((name) => workspace.putInstance(name)));

  await page.goto(workspace.path("endpoints"));
  const rows = page.getByRole("row").filter({ hasText: receiver.url });
  await expect(rows).toContainText([gone, failing, paused, off, healthy]);
  const row = (url: string) => rows.filter({ hasText: url });
  await expect(row(failing)).toContainText("Failing");
  await expect(row(failing).getByRole("gridcell").filter({ hasText: /^5$/ })).toHaveCount(1);
  await expect(row(failing)).toContainText(/in (1 hour|5\d minutes)/);
  await expect(row(paused)).toContainText("12/s");
  await expect(row(paused)).toContainText("2 processes");
  await expect(row(off)).toContainText("deleted (off)");
  await expect(row(healthy)).toContainText("created, updated");
  await checkA11y(page);
  await screenshots(page, "endpoints");

  await page.getByRole("searchbox", { name: "Find endpoints" }).fill("paused");
  await expect(rows).toContainText([paused]);
  await expect(page).toHaveURL(/\?filter=paused$/);
  await page.reload();
  await expect(rows).toContainText([paused]);
  await page.getByRole("searchbox", { name: "Find endpoints" }).fill("nothing like it");
  await page.getByRole("button", { name: "Clear filter" }).first().click();
  await expect(rows).toHaveCount(5);

  await page.getByRole("link", { name: failing }).click();
  await expect(page.getByRole("heading", { level: 1, name: failing })).toBeVisible();
  await page.goBack();
  await expect(rows).toHaveCount(5);
});

test("the list works by keyboard", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(`${receiver.url}/one`, `${receiver.url}/two`);
  await page.goto(workspace.path("endpoints"));
  await expect(page.getByRole("link", { name: `${receiver.url}/two` })).toBeVisible();
  await page.getByRole("searchbox", { name: "Find endpoints" }).focus();
  // The scrollable table, then its cells.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  // The first cell selects the row.
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("link", { name: `${receiver.url}/two` })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: `${receiver.url}/two` })).toBeVisible();
});

test("a workspace without endpoints shows the next step", async ({ page, workspace }) => {
  await page.goto(workspace.path("endpoints"));
  await expect(page.getByText("No endpoints yet")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("link", { name: "Set callback URLs" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks/edit")}$`));
});

test("the address of a removed endpoint links to the list", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await workspace.setCallbackUrls(`${receiver.url}/another`);
  await expect(page.getByText("There is no such endpoint")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("link", { name: "all endpoints" }).click();
  await expect(page.getByRole("link", { name: `${receiver.url}/another` })).toBeVisible();
});

test("a read-only user is offered no change", async ({ page, workspace, receiver }) => {
  const permissions = ["callbacks:read", "deliveries:read"];
  const grants = [{ workspace: null, permissions }];
  await changeResponses(page, "**/v1/caller", (caller) => ({ ...caller, grants }));
  await makeFailing(page, workspace, receiver);
  await expect(page.getByText("You have read-only access to these settings")).toBeVisible();
  await expect(settings(page).getByRole("textbox", { name: "Name" })).toBeDisabled();
  await expect(
    page.getByRole("button", { name: /Retry now|Resume|Save changes|^Pause|Send test|Replay failed/ }),
  ).toHaveCount(0);
  await checkA11y(page);
});

test("an endpoint's page is accessible, in light, dark and on a phone", async ({
  page,
  workspace,
  receiver,
}) => {
  await makeFailing(page, workspace, receiver);
  await expect(page.getByRole("link", { name: "the last attempt" })).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "endpoint-failing");
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoSidewaysScrolling(page);
  await settings(page).getByRole("textbox", { name: "Processes" }).fill("Order");
  await settings(page).getByRole("button", { name: "Add process" }).click();
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
});

test("endpoints hold their places while the pointer is at one, and are sorted again afterwards", async ({
  page,
  workspace,
  receiver,
}) => {
  const [calm, ill] = [`${receiver.url}/a`, `${receiver.url}/b`];
  await workspace.setCallbackUrls(calm, ill);
  await page.goto(workspace.path("endpoints"));
  const names = page.getByRole("grid", { name: "Endpoints" }).getByRole("link");
  await expect(names).toHaveText([/\/a$/, /\/b$/]);
  await names.first().hover();
  const { endpointID } = await endpointOf(workspace, ill);
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: true });
  await expect(page.getByRole("row", { name: /\/b/ }).getByText("Paused").first()).toBeVisible();
  await expect(names, "the worst comes first, but not now").toHaveText([/\/a$/, /\/b$/]);
  await page.getByRole("link", { name: "Overview" }).hover();
  await expect(names).toHaveText([/\/b$/, /\/a$/]);

  await names.first().hover();
  await page.getByRole("button", { name: "Endpoint", exact: true }).press("Enter");
  await expect(names, "another sorting counts at once").toHaveText([/\/a$/, /\/b$/]);
});
