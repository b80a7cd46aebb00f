import type { Receiver } from "./support/receiver";
import { changeResponses } from "./support/routes";
import {
  checkA11y,
  expect,
  expectNoSidewaysScrolling,
  type Page,
  screenshots,
  test,
  type Workspace,
} from "./support/test";

/** Returns the endpoint with this URL, normalised as by the API. */
async function endpointOf(workspace: Workspace, url: string) {
  const { endpoints } = await workspace.call("GET", "/endpoints");
  const endpoint = endpoints.find((endpoint: { url: string }) => endpoint.url === new URL(url).href);
  if (!endpoint) {
    throw new Error(`no endpoint has the URL ${url}`);
  }
  return endpoint;
}

async function open(page: Page, workspace: Workspace, url: string) {
  const { endpointID } = await endpointOf(workspace, url);
  await page.goto(workspace.path(`endpoints/${endpointID}`));
  await expect(page.getByRole("heading", { level: 1, name: url })).toBeVisible();
}

/** Returns the value beside a label. */
const figure = (page: Page, label: string) =>
  page.getByRole("term").filter({ hasText: label }).locator("xpath=following-sibling::dd[1]");

const instances = ({ requests }: Receiver) => requests.map(({ instanceID }) => instanceID);

const settings = (page: Page) =>
  page.locator("form").filter({ has: page.getByRole("heading", { name: "Settings" }) });

const save = (page: Page) => settings(page).getByRole("button", { name: "Save changes" });

/** Makes the endpoint fail with 503 and eight pending deliveries. Five missed in a row are enough. */
async function makeFailing(page: Page, workspace: Workspace, receiver: Receiver) {
  receiver.respondWith(503);
  await workspace.setCallbackUrls(receiver.url);
  const names = Array.from({ length: 8 }, (_, index) => `${workspace.name}-${index}`);
  await Promise.all(names.map((name) => workspace.putInstance(name)));
  await open(page, workspace, receiver.url);
  await expect(page.getByText("Failing since")).toBeVisible();
  await expect(figure(page, "Backlog")).toHaveText("8");
  return names;
}

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

test("a retry that fails says why, and the outage keeps its beginning", async ({
  page,
  workspace,
  receiver,
}) => {
  await makeFailing(page, workspace, receiver);
  const before = await endpointOf(workspace, receiver.url);
  receiver.respondWith(500);
  await page.getByRole("button", { name: `Retry now: ${receiver.url}` }).click();
  await expect(page.getByText("Still failing: answered 500 Internal Server Error")).toBeVisible();
  await expect(page.getByText(/Retrying .* now/)).toBeHidden();
  const after = await endpointOf(workspace, receiver.url);
  expect(after.health.failingSince).toBe(before.health.failingSince);
  // The newest attempt is shown, whichever delivery it was for.
  const explanation = page.getByRole("group").filter({ hasText: "Failing since" }).first();
  await expect(explanation).toContainText("Answered 500 Internal Server Error");
  const link = await explanation.getByRole("link", { name: "the last attempt" }).getAttribute("href");
  expect(link).toBe(workspace.path(`deliveries/${encodeURIComponent(after.lastFailedDeliveryID)}`));
});

test("the explanation links to the last failed attempt", async ({ page, workspace, receiver }) => {
  await makeFailing(page, workspace, receiver);
  await page.getByRole("link", { name: "the last attempt" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("deliveries")}/[0-9A-Za-z._~-]+`));
});

test("a paused endpoint gets nothing, and everything afterwards", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await page.getByRole("button", { name: `Pause ${receiver.url}` }).click();
  await page.getByRole("menuitem", { name: "Until I resume it" }).click();
  await expect(page.getByText("Paused until it is resumed")).toBeVisible();
  await expect(page.getByText(/^Paused http.* until resumed\. Events are kept\.$/)).toBeVisible();
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    paused: true,
    pausedUntil: null,
  });

  const names = ["first", "second", "third"].map((name) => `${workspace.name}-${name}`);
  for (const name of names) {
    await workspace.putInstance(name);
  }
  await expect(
    page.getByText("3 deliveries are pending. When the pause ends, the events are delivered in order."),
  ).toBeVisible();
  await expect(figure(page, "Backlog")).toHaveText("3");
  expect(receiver.requests).toEqual([]);

  await page.getByRole("button", { name: `Resume: ${receiver.url}` }).click();
  await expect(page.getByText("Paused until it is resumed")).toBeHidden();
  await expect(page.getByText(/^Resumed http/)).toBeVisible();
  await expect(figure(page, "Backlog")).toHaveText("0");
  expect(instances(receiver).sort()).toEqual(names.sort());
});

test("a pause may have an end: in hours, or at a date", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const end = async () => Date.parse((await endpointOf(workspace, receiver.url)).settings.pausedUntil);
  const pressed = Date.now();
  await page.getByRole("button", { name: `Pause ${receiver.url}` }).click();
  await page.getByRole("menuitem", { name: "For 4 hours" }).click();
  await expect(page.getByText(/^Paused until .*\(in (4|3) hours\)/)).toBeVisible();
  expect(await end()).toBeGreaterThanOrEqual(pressed + 4 * 3_600_000);
  expect(await end()).toBeLessThanOrEqual(Date.now() + 4 * 3_600_000);
  await page.getByRole("button", { name: `Resume: ${receiver.url}` }).click();
  await expect(page.getByText(/^Paused until/)).toBeHidden();

  await page.getByRole("button", { name: `Pause ${receiver.url}` }).click();
  await page.getByRole("menuitem", { name: "Until a date…" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause until" });
  await dialog.getByRole("textbox", { name: "Date" }).fill("2020/01/31");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(dialog.getByText("Enter a time in the future")).toBeVisible();
  await checkA11y(page);
  await dialog.getByRole("textbox", { name: "Date" }).fill("2099/01/31");
  await dialog.getByRole("textbox", { name: "Time" }).fill("14:30");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText(/^Paused until .*14:30/).first()).toBeVisible();
  expect(await end()).toBe(Date.parse("2099-01-31T14:30:00+01:00"));
});

test("an endpoint has a name, a description and a contact, which replace the URL", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await settings(page).getByRole("textbox", { name: "Name" }).fill("x".repeat(101));
  await save(page).click();
  await expect(settings(page).getByText("101 characters; at most 100 are allowed.")).toBeVisible();
  await settings(page).getByRole("textbox", { name: "Name" }).fill("Billing");
  await settings(page).getByRole("textbox", { name: "Description" }).fill("Sends invoices");
  await settings(page).getByRole("textbox", { name: "Contact" }).fill("billing@example.com");
  await save(page).click();
  await expect(page.getByRole("heading", { level: 1, name: "Billing" })).toBeVisible();
  await expect(figure(page, "Contact")).toHaveText("billing@example.com");
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    name: "Billing",
    description: "Sends invoices",
    contact: "billing@example.com",
  });
  await expect(page.getByRole("row", { name: /Name: none → Billing/ })).toContainText(
    "Contact: none → billing@example.com",
  );
  await page.goto(workspace.path("endpoints?filter=bill"));
  await expect(page.getByRole("row", { name: /Billing/ }).last()).toContainText(receiver.url);
});

test("a test shows the answer's status and body", async ({ page, workspace, receiver }) => {
  receiver.respondWith((_, response) => response.writeHead(422).end("no such order"));
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await page.getByRole("button", { name: "Send test" }).click();
  await expect(page.getByText(/The receiver returned 422 after/)).toBeVisible();
  await expect(page.getByText("no such order")).toBeVisible();
  await checkA11y(page);
  receiver.respondWith(204);
  await page.getByRole("button", { name: "Send test" }).click();
  await expect(page.getByText(/The receiver returned 204 after/)).toBeVisible();
  expect(receiver.requests.map(({ instanceID }) => instanceID)).toEqual([
    "example-instance",
    "example-instance",
  ]);
});

test("failed deliveries since a time are replayed in three clicks", async ({ page, workspace, receiver }) => {
  receiver.respondWith(410);
  await workspace.setCallbackUrls(receiver.url);
  const name = `${workspace.name}-gone`;
  await workspace.putInstance(name);
  await open(page, workspace, receiver.url);
  await expect(page.getByRole("row", { name: /-gone/ })).toContainText("Failed");
  receiver.respondWith(200);
  await page.getByRole("button", { name: `Re-enable: ${receiver.url}` }).click();
  await expect(page.getByText(/Re-enabled/).first()).toBeVisible();

  await page.getByRole("button", { name: /^Replay failed since/ }).click();
  await page.getByRole("menuitem", { name: "1 hour ago" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
  await expect.poll(() => instances(receiver)).toEqual([name, name]);
  await expect(page.getByRole("row", { name: /-gone/ })).toContainText("Delivered");
});

test("several endpoints are paused and resumed at once", async ({ page, workspace, receiver }) => {
  const urls = Array.from({ length: 9 }, (_, index) => `${receiver.url}/${index}`);
  await workspace.setCallbackUrls(...urls);
  await page.goto(workspace.path("endpoints"));
  await expect(page.getByRole("link", { name: `${receiver.url}/8` })).toBeVisible();
  await page.getByRole("checkbox", { name: "Select all" }).press("Space");
  await page.getByRole("button", { name: "Pause: 9 endpoints" }).click();
  await page.getByRole("menuitem", { name: "For 1 hour" }).click();
  await expect(page.getByText(/^Paused 9 endpoints until/)).toBeVisible();
  const paused = async () => {
    const { endpoints } = await workspace.call("GET", "/endpoints");
    return endpoints.filter((endpoint: { settings: { paused: boolean } }) => endpoint.settings.paused).length;
  };
  expect(await paused()).toBe(9);
  await page.getByRole("checkbox", { name: "Select all" }).press("Space");
  await checkA11y(page);
  await page.getByRole("button", { name: "Resume: 9 endpoints" }).click();
  await expect(page.getByText(/^Resumed 9 endpoints/)).toBeVisible();
  expect(await paused()).toBe(0);

  await page.getByRole("button", { name: `Actions for ${receiver.url}/3` }).click();
  await page.getByRole("menuitem", { name: "Until I resume it" }).click();
  await expect(page.getByText(`Paused ${receiver.url}/3 until resumed. Events are kept.`)).toBeVisible();
  expect(await paused()).toBe(1);
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
  await page.goto(workspace.path("endpoints"));
  await expect(page.getByRole("row", { name: /\/ok/ })).toContainText("100%");
  await expect(page.getByRole("row", { name: /\/gone/ })).toContainText("0%");
});

test("only instances of the named processes are delivered", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const name = settings(page).getByRole("textbox", { name: "Processes" });
  await name.fill("Order");
  await name.press("Enter");
  await expect(settings(page).getByRole("button", { name: "Remove Order" })).toBeVisible();
  await name.fill("Mistake");
  await settings(page).getByRole("button", { name: "Add" }).click();
  await settings(page).getByRole("button", { name: "Remove Mistake" }).click();
  // A name that was typed but not added is saved too.
  await name.fill("Bill of sale");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await expect(settings(page).getByRole("button", { name: "Remove Bill of sale" })).toBeVisible();
  expect((await endpointOf(workspace, receiver.url)).settings.processNames).toEqual([
    "Order",
    "Bill of sale",
  ]);

  await workspace.putInstance(`${workspace.name}-other`, "Other");
  await workspace.putInstance(`${workspace.name}-order`, "Order");
  await workspace.putInstance(`${workspace.name}-bill`, "Bill of sale");
  await expect.poll(() => instances(receiver).length).toBe(2);
  expect(instances(receiver).sort()).toEqual([`${workspace.name}-bill`, `${workspace.name}-order`]);
});

test("an invalid rate has an error at its field, a valid one is saved", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const rate = settings(page).getByRole("textbox", { name: "Rate limit (calls per second)" });
  for (const bad of ["0", "1001", "2.5", "many"]) {
    await rate.fill(bad);
    await expect(rate).not.toHaveAttribute("aria-invalid", "true");
    await save(page).click();
    await expect(settings(page).getByText("Enter a whole number from 1 to 1,000")).toBeVisible();
    await expect(rate).toHaveAttribute("aria-invalid", "true");
    await expect(rate).toHaveValue(bad);
  }
  await checkA11y(page);
  expect((await endpointOf(workspace, receiver.url)).settings.maxPerSecond).toBeNull();
  await rate.fill("25");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  expect((await endpointOf(workspace, receiver.url)).settings.maxPerSecond).toBe(25);
  await rate.fill("");
  await save(page).click();
  await expect.poll(async () => (await endpointOf(workspace, receiver.url)).settings.maxPerSecond).toBeNull();
});

test("changes by other users show at once, and the draft stays", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const rate = settings(page).getByRole("textbox", { name: "Rate limit (calls per second)" });
  const contact = settings(page).getByRole("textbox", { name: "Contact" });
  await rate.fill("7");
  const { endpointID } = await endpointOf(workspace, receiver.url);
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { contact: "Ada", maxPerSecond: 3 });
  await expect(contact).toHaveValue("Ada");
  await expect(rate).toHaveValue("7");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  const { settings: stored } = await endpointOf(workspace, receiver.url);
  expect(stored).toMatchObject({ contact: "Ada", maxPerSecond: 7 });
  await contact.fill("Bob");
  await settings(page).getByRole("button", { name: "Cancel" }).click();
  await expect(contact).toHaveValue("Ada");
  await expect(save(page)).toBeDisabled();
});

test("410 disables an endpoint until it is re-enabled", async ({ page, workspace, receiver }) => {
  receiver.respondWith(410);
  await workspace.setCallbackUrls(receiver.url);
  await workspace.putInstance(`${workspace.name}-gone`);
  await open(page, workspace, receiver.url);
  await expect(page.getByText("The receiver answered 410 Gone")).toBeVisible();
  await expect(figure(page, "Next attempt")).toHaveText("When it is re-enabled");
  await expect(page.getByRole("row", { name: /-gone/ })).toContainText("Failed");
  await checkA11y(page);
  await expect(page.getByRole("link", { name: "listed as failed" })).toHaveAttribute(
    "href",
    new RegExp(`${workspace.path("deliveries")}\\?endpointID=[0-9a-f]{32}&status=failed$`),
  );

  receiver.respondWith(200);
  await page.getByRole("button", { name: `Re-enable: ${receiver.url}` }).click();
  await expect(page.getByText("Nothing is pending: the next event shows whether it works.")).toBeVisible();
  await expect(figure(page, "Next attempt")).toHaveText("With the next event");
  await workspace.putInstance(`${workspace.name}-back`);
  await expect(figure(page, "Health").first()).toHaveText("Healthy");
  expect(instances(receiver).at(-1)).toBe(`${workspace.name}-back`);
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
  await settings(page).getByRole("button", { name: "Add" }).click();
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
});
