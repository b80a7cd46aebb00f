import { changeResponses, holdResponses, removeRoutes, withoutPolls } from "./support/routes";
import { checkA11y, expect, type Page, screenshot, screenshots, test, type Workspace } from "./support/test";

/** Returns the value beside a label. */
const figure = (page: Page, label: string) =>
  page.getByRole("term").filter({ hasText: label }).locator("xpath=following-sibling::dd[1]");

const attention = (page: Page) =>
  page.getByRole("list", { name: "Endpoints that need attention" }).getByRole("listitem");

async function putInstances(workspace: Workspace, count: number, from = 0) {
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  await Promise.all(numbers.map((number) => workspace.putInstance(`${workspace.name}-${number}`)));
}

/** Configures an endpoint and pauses it; returns its id. */
async function pausedEndpoint(workspace: Workspace, url: string): Promise<string> {
  await workspace.setCallbackUrls(url);
  const [{ endpointID }] = (await workspace.call("GET", "/endpoints")).endpoints;
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: true });
  return endpointID;
}

/** Returns the sum of a column of the table below the charts. */
async function sumOf(page: Page, column: string): Promise<number> {
  const table = page.getByRole("grid", { name: "Deliveries and latency over time" });
  // Read at once: a row may come or go in between.
  const [header = [], ...rows] = await table
    .getByRole("row")
    .evaluateAll((rows) =>
      rows.map((row) => Array.from(row.querySelectorAll("th, td"), (it) => it.textContent)),
    );
  const index = header.indexOf(column);
  return rows.reduce((sum, cells) => sum + Number(cells[index]), 0);
}

test("the figures match the deliveries, and update by themselves", async ({ page, workspace, receiver }) => {
  receiver.respondWith(({ target }, response) =>
    response.writeHead(target.startsWith("/gone") ? 410 : 204).end(),
  );
  await workspace.setCallbackUrls(`${receiver.url}/ok`, `${receiver.url}/gone`);
  await putInstances(workspace, 4);
  await page.goto(workspace.path());
  await expect(figure(page, "Deliveries")).toHaveText("8");
  await expect(figure(page, "Success rate")).toHaveText("50%");
  await expect(figure(page, "Failed")).toHaveText("4");
  await expect(figure(page, "Waiting now")).toHaveText("0");
  await expect(figure(page, "Endpoints").getByRole("link", { name: "2" })).toHaveAttribute(
    "href",
    workspace.path("endpoints"),
  );
  await expect(figure(page, "Deliveries").getByRole("link", { name: "8" })).toHaveAttribute(
    "href",
    /\/deliveries\?since=[^&]+&until=[^&]+$/,
  );
  for (const percentile of ["p50", "p95", "p99"]) {
    await expect(figure(page, `Latency ${percentile}`)).toHaveText(/^[\d.]+\s(ms|s)$/);
  }
  await expect(attention(page)).toContainText(["The receiver answered 410 Gone"]);

  await page.getByRole("button", { name: "View as table" }).click();
  await expect.poll(() => sumOf(page, "Delivered")).toBe(4);
  await expect.poll(() => sumOf(page, "Failed")).toBe(4);
  await expect.poll(() => sumOf(page, "Pending")).toBe(0);
  await checkA11y(page);

  await putInstances(workspace, 2, 4);
  await expect(figure(page, "Deliveries")).toHaveText("12");
  await expect.poll(() => sumOf(page, "Delivered")).toBe(6);
  await figure(page, "Failed").getByRole("link", { name: "6" }).click();
  await expect(page).toHaveURL(/\/deliveries\?status=failed&since=[^&]+&until=[^&]+$/);
});

test("a chart works by keyboard, and its popover survives updates", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await putInstances(workspace, 3);
  await page.goto(workspace.path());
  const chart = page.getByRole("application", { name: "Deliveries over time by outcome" });
  await expect(chart).toBeVisible();
  await expect(figure(page, "Success rate")).toHaveText("100%");
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  // Moves from the first minute to the last, and on until a bar is not empty.
  const minute = page.getByRole("button", { name: /Delivered \d+, Pending \d+, Failed \d+$/ });
  await expect
    .poll(async () => {
      await page.keyboard.press("ArrowLeft");
      return minute.getAttribute("aria-label");
    })
    .toMatch(/Delivered [1-3], Pending 0, Failed 0$/);
  await page.keyboard.press("Enter");
  const link = page.getByRole("link", { name: "Show these deliveries" });
  await expect(link).toBeVisible();

  const figures = () => page.waitForResponse((response) => response.url().includes("/statistics"));
  const kept = await link.elementHandle();
  for (let reading = 0; reading < 3; reading++) {
    await figures();
  }
  await putInstances(workspace, 1, 3);
  await expect(figure(page, "Deliveries")).toHaveText("4");
  expect(await kept?.evaluate((element) => element.isConnected), "the same element as before").toBe(true);
  await expect(link).toHaveAttribute(
    "href",
    new RegExp(`${workspace.path("deliveries")}\\?since=.+&until=.+`),
  );
});

test("the time range is in the address and in the query", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await page.goto(workspace.path());
  const asked = page.waitForResponse((response) => {
    const since = new URL(response.url()).searchParams.get("since");
    const days = since ? (Date.now() - Date.parse(since)) / 86_400_000 : 0;
    return response.url().includes("/statistics") && days > 6.8;
  });
  await page.getByRole("button", { name: "7 days" }).click();
  await expect(page).toHaveURL(/\?range=7d$/);
  expect((await asked).status(), "no more than the 7 days that the API allows").toBe(200);
  await page.reload();
  await expect(page.getByRole("button", { name: "7 days" })).toHaveAttribute("aria-pressed", "true");
  for (const [text, id] of [
    ["3 hours", "3h"],
    ["12 hours", "12h"],
    ["24 hours", "24h"],
    ["1 hour", "1h"],
  ]) {
    const answered = page.waitForResponse((response) => response.url().includes("/statistics"));
    await page.getByRole("button", { name: text, exact: true }).click();
    expect((await answered).status()).toBe(200);
    await expect(page).toHaveURL(new RegExp(`\\?range=${id}$`));
  }
});

test("a failing endpoint is listed first, with its reason, and can be retried", async ({
  page,
  workspace,
  receiver,
}) => {
  const [fine, paused, failing] = ["a", "b", "c"].map((name) => `${receiver.url}/${name}`) as [
    string,
    string,
    string,
  ];
  receiver.respondWith(({ target }, response) =>
    response.writeHead(target.startsWith("/c") ? 503 : 200).end(),
  );
  await workspace.setCallbackUrls(fine, paused, failing);
  const { endpoints } = await workspace.call("GET", "/endpoints");
  const { endpointID } = endpoints.find(({ url }: { url: string }) => url === paused);
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: true });
  // Five deliveries missed in a row make an endpoint failing.
  await putInstances(workspace, 5);

  await page.goto(workspace.path());
  await expect(attention(page)).toContainText([failing, paused]);
  const first = attention(page).first();
  await expect(first).toContainText("Failing");
  await expect(first).toContainText("The receiver returned an error status. It began to fail");
  await expect(first).toContainText(/5 deliveries are pending\. Next attempt: in (1 hour|5\d minutes)\./);
  await expect(attention(page).nth(1)).toContainText("5 deliveries are pending.");
  // 5 delivered to one endpoint, 5 wait for the failing one, and those of the paused one are not due.
  await expect(figure(page, "Success rate")).toHaveText("50%");
  await expect(figure(page, "Waiting now")).toContainText("For a failing endpoint");
  await expect(figure(page, "Waiting now").getByRole("link", { name: "10" })).toHaveAttribute(
    "href",
    workspace.path("deliveries?status=pending"),
  );
  await checkA11y(page);
  await screenshots(page, "overview");

  const before = receiver.requests.length;
  receiver.respondWith(200);
  await first.getByRole("button", { name: `Retry now: ${failing}` }).click();
  // The notice of a success goes after a while.
  await expect(page.getByText("Recovered, 5 deliveries on their way")).toBeVisible();
  await expect(attention(page)).toContainText([paused]);
  await expect(figure(page, "Waiting now")).toHaveText("5");
  await expect(figure(page, "Success rate")).toHaveText("100%");
  const came = receiver.requests.slice(before).map(({ instanceID }) => instanceID);
  expect(came.sort()).toEqual([0, 1, 2, 3, 4].map((number) => `${workspace.name}-${number}`));

  await attention(page)
    .getByRole("button", { name: `Resume: ${paused}` })
    .click();
  await expect(page.getByText("None: no endpoint is damaged, disabled, failing or paused")).toBeVisible();
  await expect(figure(page, "Waiting now")).toHaveText("0");
  await page.getByRole("link", { name: "All endpoints" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("endpoints")}$`));
});

test("a new workspace shows the first steps", async ({ page, workspace }) => {
  await page.goto(workspace.path());
  await expect(
    page.getByRole("heading", { name: "Notify other applications when an instance changes" }),
  ).toBeVisible();
  await expect(page.getByRole("link", { name: "Try it on this machine" })).toHaveAttribute(
    "href",
    workspace.path("try-it"),
  );
  await checkA11y(page);
  await screenshot(page, "overview-new");
  await page.getByRole("link", { name: "Set callback URLs" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks/edit")}$`));
});

test("a truncated count says when it starts", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await changeResponses(page, "**/statistics?*", (statistics) => ({ ...statistics, complete: false }));
  await page.goto(workspace.path());
  await expect(page.getByText("The time range was not counted completely")).toBeVisible();
  await checkA11y(page);
});

test("figures that failed to load can be retried", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await withoutPolls(page);
  await page.route("**/statistics?*", (route) =>
    route.fulfill({
      status: 403,
      contentType: "application/problem+json",
      json: {
        type: "urn:instance-webhooks:problem:forbidden",
        title: "Forbidden",
        status: 403,
        detail: "not now",
      },
    }),
  );
  await page.goto(workspace.path());
  await expect(page.getByText("Not now")).toBeVisible();
  await removeRoutes(page);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(figure(page, "Deliveries")).toHaveText("0");
  await expect(page.getByText("Not now")).toBeHidden();
});

test("the focus stays in place when an action removes the endpoint's row", async ({
  page,
  workspace,
  receiver,
}) => {
  await pausedEndpoint(workspace, receiver.url);
  await page.goto(workspace.path());
  const resume = page.getByRole("button", { name: /^Resume/ });
  await resume.focus();
  await page.keyboard.press("Enter");
  await expect(resume).toHaveCount(0);
  await expect(page.getByRole("link", { name: "All endpoints" })).toBeFocused();
});

for (const view of ["overview", "endpoint"]) {
  test(`${view}: what is below the figures stays in place while they are loaded`, async ({
    page,
    workspace,
    receiver,
  }) => {
    const endpointID = await pausedEndpoint(workspace, receiver.url);
    const name = view === "overview" ? "Endpoints that need attention" : "Last deliveries";
    const below = page.getByRole("heading", { name: new RegExp(`^${name}`) });
    const top = async () => (await below.boundingBox())?.y;
    let before: number | undefined;
    await holdResponses(page, "**/statistics?*", async () => {
      await page.goto(workspace.path(view === "overview" ? "" : `endpoints/${endpointID}`));
      await expect(below).toBeVisible();
      await expect(page.getByRole("status").filter({ hasText: "Loading charts" })).toBeVisible();
      before = await top();
    });
    await expect(page.getByRole("heading", { name: "Latency over time" })).toBeVisible();
    expect(before).toBeGreaterThan(0);
    expect(await top()).toBe(before);
  });
}

test("endpoints that need attention hold their places while the pointer is at one", async ({
  page,
  workspace,
  receiver,
}) => {
  const [one, other] = [`${receiver.url}/a`, `${receiver.url}/b`];
  await workspace.setCallbackUrls(one, other);
  const { endpoints } = await workspace.call("GET", "/endpoints");
  for (const { endpointID, url } of endpoints) {
    const processNames = url === one ? ["None"] : [];
    await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: true, processNames });
  }
  await page.goto(workspace.path());
  const names = attention(page).getByRole("link", { name: receiver.url });
  await expect(names).toHaveText([/\/a$/, /\/b$/]);
  await names.first().hover();
  await putInstances(workspace, 1);
  await expect(attention(page).filter({ hasText: "1 delivery is pending" })).toBeVisible();
  await expect(names, "the largest backlog comes first, but not now").toHaveText([/\/a$/, /\/b$/]);
  await page.getByRole("heading", { level: 1 }).hover();
  await expect(names).toHaveText([/\/b$/, /\/a$/]);
});
