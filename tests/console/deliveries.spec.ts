import type { Request } from "@playwright/test";
import { tabTo } from "./support/keyboard";
import { expectLogged, loggedDeliveries, ownInstance, putLogged, rowOf, rows } from "./support/log";
import { holdRequests, removeRoutes } from "./support/routes";
import { checkA11y, expect, type Page, Receiver, screenshots, test, type Workspace } from "./support/test";

const search = (page: Page) => new URL(page.url()).search;

/** Types a filter and confirms it. */
async function typeFilter(page: Page, text: string) {
  const input = page.getByRole("combobox", { name: "Find deliveries" });
  await input.fill(text);
  await input.press("Enter");
  await input.press("Escape");
}

test("new deliveries appear without a reload, unless Live is off", async ({
  page,
  context,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await page.goto(workspace.path("deliveries"));
  await expect(page.getByText("No deliveries yet")).toBeVisible();
  await expect(page.getByRole("link", { name: "See which URLs are called" })).toBeVisible();

  const [first, second, third] = ["first", "second", "third"].map((name) => ownInstance(workspace, name)) as [
    string,
    string,
    string,
  ];
  await workspace.putInstance(first);
  await expect(rowOf(page, first)).toBeVisible();
  await expect(page.getByRole("row").filter({ has: rowOf(page, first) })).toContainText("Delivered");

  await nextSecond(workspace);
  await workspace.putInstance(second);
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toHaveAccessibleName(new RegExp(`: delivery of ${second}, created$`));

  await page.getByRole("checkbox", { name: "Live" }).uncheck();
  await putLogged(workspace, [third]);
  // A live view has read the log twice since.
  const live = await context.newPage();
  await live.goto(workspace.path("deliveries"));
  await expect(rows(live)).toHaveCount(3);
  for (let reading = 0; reading < 2; reading++) {
    await live.waitForResponse((response) => response.url().includes("/deliveries?"));
  }
  await expect(rows(page)).toHaveCount(2);
  await live.close();
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(rowOf(page, third)).toBeVisible();
});

/** Filters as they are typed, as they are in the address, and the rows of the deliveries below that match. */
const FILTERS = [
  {
    property: "status",
    typed: "Status = Delivered",
    address: "status=delivered",
    matches: ["one, created", "one, updated", "two, created"],
  },
  {
    property: "event type",
    typed: "Event = updated",
    address: "eventType=updated",
    matches: ["one, updated", "one, updated"],
  },
  {
    property: "instance",
    typed: "Instance ID = two-of-{workspace}",
    address: "instanceID=two-of-{workspace}",
    matches: ["two, created", "two, created"],
  },
  {
    property: "the beginning of an instance's id",
    typed: "two-of-",
    address: "search=two-of-",
    matches: ["two, created", "two, created"],
  },
];

/** Returns the names of the rows, without the test's own suffix. */
const seen = (page: Page) =>
  rows(page)
    .evaluateAll((links) =>
      links.map((link) => link.textContent?.replace(/.*: delivery of /, "").replace(/-of-w-\w+/, "")),
    )
    .then((names) => names.sort());

/** Makes three deliveries for each of two endpoints before each test. Returns the receiver at which they failed. */
function severalDeliveries(): () => Receiver {
  let gone: Receiver;
  test.beforeEach(async ({ workspace, receiver }) => {
    gone = await Receiver.start();
    gone.respondWith(410);
    await workspace.setCallbackUrls(`${receiver.url}/ok`, `${gone.url}/gone`);
    await putLogged(workspace, [ownInstance(workspace, "one"), ownInstance(workspace, "two")], 2);
    await putLogged(workspace, [ownInstance(workspace, "one")], 2);
    // 410 disables an endpoint, so that its deliveries fail.
    await expectLogged(workspace, "failed", 3);
    await expectLogged(workspace, "delivered", 3);
  });
  test.afterEach(() => gone.stop());
  return () => gone;
}

test.describe("with several instances, events and endpoints", () => {
  const gone = severalDeliveries();

  for (const { property, typed, address, matches } of FILTERS) {
    test(`a filter by ${property} is written to and read from the address`, async ({ page, workspace }) => {
      await page.goto(workspace.path("deliveries"));
      await expect(rows(page)).toHaveCount(6);
      await typeFilter(page, typed.replace("{workspace}", workspace.name));
      await expect.poll(() => seen(page)).toEqual(matches);
      await expect.poll(() => search(page)).toBe(`?${address.replace("{workspace}", workspace.name)}`);
      await page.reload();
      await expect.poll(() => seen(page)).toEqual(matches);
      await page.getByRole("button", { name: "Clear filters" }).click();
      await expect(rows(page)).toHaveCount(6);
      await expect.poll(() => search(page)).toBe("");
    });
  }

  test("an endpoint is chosen by its URL, and combined with a filter", async ({ page, workspace }) => {
    const endpoints = page.waitForResponse((response) => response.url().endsWith("/endpoints"));
    await page.goto(workspace.path("deliveries"));
    // A list that is open while the endpoints arrive may keep an outdated option name.
    await endpoints;
    await expect(rows(page)).toHaveCount(6);
    await page.getByRole("combobox", { name: "Find deliveries" }).click();
    await page.getByRole("option", { name: "Endpoint" }).click();
    await page.getByRole("option", { name: `${gone().url}/gone` }).click();
    await page.getByRole("button", { name: "Apply" }).click();
    await expect.poll(() => seen(page)).toEqual(["one, created", "one, updated", "two, created"]);
    await expect(page.getByText(`Endpoint = ${gone().url}/gone`)).toBeVisible();

    await typeFilter(page, "Event = created");
    await expect.poll(() => seen(page)).toEqual(["one, created", "two, created"]);
    await page.goto(page.url());
    await expect.poll(() => seen(page)).toEqual(["one, created", "two, created"]);
    // A second value of a property is another one that matches.
    await typeFilter(page, "Event = updated");
    await expect.poll(() => seen(page)).toEqual(["one, created", "one, updated", "two, created"]);
    await expect(page.getByText("Event = created or updated")).toBeVisible();
  });
});

test.describe("with several deliveries", () => {
  const gone = severalDeliveries();

  test("a time range is chosen, or read from the address", async ({ page, workspace }) => {
    await page.goto(`${workspace.path("deliveries")}?since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z`);
    await expect(page.getByText("No matches")).toBeVisible();
    const range = page.getByRole("button", { name: /When the instance changed/ });
    await expect(range).toContainText("1 January 2026");
    await page.getByRole("button", { name: "Clear filter" }).click();
    await expect(rows(page)).toHaveCount(6);

    await range.click();
    await page.getByRole("radio", { name: "Last 15 minutes" }).check();
    await page.getByRole("button", { name: "Apply" }).click();
    await expect(rows(page)).toHaveCount(6);
    await expect.poll(() => search(page)).toBe("?last=15m");
    await page.reload();
    await expect(range).toContainText("Last 15 minutes");
    await expect(rows(page)).toHaveCount(6);
  });

  test("a failed delivery shows its status code, which is a filter", async ({ page, workspace }) => {
    await page.goto(`${workspace.path("deliveries")}?status=failed`);
    const row = page.getByRole("row").filter({ has: rowOf(page, ownInstance(workspace, "two")) });
    // It failed by its own 410, or by the one of another delivery.
    await expect(row).toContainText(/Failed \((410|Endpoint disabled)\)/);
    await expect(row).toContainText(`${gone().url}/gone`);
    const refused = (await loggedDeliveries(workspace, "statusCode=410")).length;
    expect(refused).toBeGreaterThan(0);
    await page.goto(`${workspace.path("deliveries")}?statusCode=5xx,410&reason=endpoint-disabled`);
    await expect(rows(page)).toHaveCount(refused);
    await expect(page.getByText("Failed (410)")).toHaveCount(refused);
  });
});

test("an invalid filter shows the API's error, and can be cleared", async ({ page, workspace }) => {
  await page.goto(`${workspace.path("deliveries")}?status=nonsense`);
  await expect(page.getByText("expected one of `pending`, `delivered`, `failed`")).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page.getByText("No deliveries yet")).toBeVisible();
});

test("older deliveries are on later pages, which do not update", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(
    workspace,
    Array.from({ length: 25 }, (_, number) => ownInstance(workspace, `${number}`)),
  );
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(25);
  await page.getByRole("button", { name: "Preferences" }).click();
  await page.getByRole("radio", { name: "20 deliveries" }).check();
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(rows(page)).toHaveCount(20);
  await expect(page.getByRole("heading", { name: "Deliveries" })).toContainText("(20+)");
  const firstPage = await rows(page).evaluateAll((links) =>
    links.map((link) => link.textContent?.replace(/.*: delivery of /, "")),
  );

  await page.getByRole("button", { name: "Next page" }).click();
  await expect(rows(page)).toHaveCount(5);
  await expect(page.getByText("Live updates run on page 1 only")).toBeVisible();
  const secondPage = await rows(page).evaluateAll((links) =>
    links.map((link) => link.textContent?.replace(/.*: delivery of /, "")),
  );
  expect(new Set([...firstPage, ...secondPage]).size).toBe(25);
  await page.getByRole("button", { name: "Previous page" }).click();
  await expect(rows(page)).toHaveCount(20);
});

test("empty API pages are skipped, and a truncated search says so", async ({ page, workspace }) => {
  // More API pages than one table page reads.
  await page.route(/\/v1\/.*\/deliveries\?/, (route) => {
    const read = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0) + 1;
    return route.fulfill({ json: { deliveries: [], next: read < 15 ? `${read}` : null } });
  });
  await page.goto(`${workspace.path("deliveries")}?instanceID=rare`);
  await expect(page.getByText("Nothing found so far")).toBeVisible();
  await page.getByRole("button", { name: "Search further back" }).click();
  await expect(page.getByText("No more deliveries")).toBeVisible();
});

test("the chosen columns are remembered", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await page.goto(workspace.path("deliveries"));
  await expect(page.getByRole("columnheader", { name: "Process" })).toBeVisible();
  await page.getByRole("button", { name: "Preferences" }).click();
  await page.getByRole("checkbox", { name: "Process" }).click();
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("columnheader", { name: "Process" })).toBeHidden();
  await page.reload();
  await expect(rowOf(page, ownInstance(workspace, "one"))).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Process" })).toBeHidden();
});

test("long names and HTML in names are shown verbatim", async ({ page, workspace, receiver }) => {
  const script = "<script>alert(1)</script><img src=x onerror=alert(2)>";
  const long = `long-${"x".repeat(400)}`;
  receiver.respondWith(500);
  await workspace.setCallbackUrls(`${receiver.url}/${"path/".repeat(100)}?quote='`);
  await workspace.putInstance(script, script);
  await workspace.putInstance(long, long);
  await page.goto(workspace.path("deliveries"));
  await expect(rowOf(page, long)).toBeVisible();
  await expect(page.getByRole("gridcell", { name: script, exact: true }).first()).toHaveText(script);
  await checkA11y(page);
  await screenshots(page, "deliveries");
});

test("a search finds a request by its webhook-id, and a process by a part of its name", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  const [one, two] = [ownInstance(workspace, "one"), ownInstance(workspace, "two")];
  await workspace.putInstance(one, "Invoice approval");
  await workspace.putInstance(two, "Order intake");
  await expect.poll(() => receiver.requests.length).toBe(2);
  const request = receiver.requests.find(({ instanceID }) => instanceID === two);
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(2);
  await typeFilter(page, String(request?.headers["webhook-id"]));
  await expect(rows(page)).toHaveCount(1);
  await expect(rowOf(page, two)).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(rows(page)).toHaveCount(2);
  await typeFilter(page, "approval");
  await expect(rows(page)).toHaveCount(1);
  await expect(rowOf(page, one)).toBeVisible();
});

test("rows hold still under the pointer, and new ones are counted", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const instances = ["first", "second", "third", "fourth"].map((name) => ownInstance(workspace, name));
  const [first, second, third, fourth] = instances as [string, string, string, string];
  await putLogged(workspace, [first]);
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("gridcell", { name: "created", exact: true }).hover();
  await nextSecond(workspace);
  await putLogged(workspace, [second, third]);
  const show = page.getByRole("button", { name: "2 new – show" });
  await expect(show).toBeVisible();
  // The way of a pointer, over all that is between the row and the button.
  const [x, y] = await show.evaluate((button) => {
    const { left, right, top, bottom } = button.getBoundingClientRect();
    return [(left + right) / 2, (top + bottom) / 2] as const;
  });
  await page.mouse.move(x, y, { steps: 20 });
  await expect(rows(page)).toHaveCount(1);
  await show.click();
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByRole("button", { name: /new – show/ })).toBeHidden();
  await expect(rows(page).last()).toHaveAccessibleName(new RegExp(`: delivery of ${first}, created$`));

  await nextSecond(workspace);
  await putLogged(workspace, [fourth]);
  await expect(page.getByRole("button", { name: "1 new – show" })).toBeVisible();
  await page.getByRole("link", { name: "Overview" }).hover();
  await expect(rows(page), "the pointer has left the log").toHaveCount(4);
  await expect(page.getByRole("button", { name: /new – show/ })).toBeHidden();
});

test("rows hold still with the focus in them, until new ones are shown by keyboard", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "first")]);
  await page.goto(workspace.path("deliveries"));
  await rows(page).focus();
  await nextSecond(workspace);
  await putLogged(workspace, [ownInstance(workspace, "second")]);
  const show = page.getByRole("button", { name: "1 new – show" });
  await expect(show).toBeVisible();
  await tabTo(page, show, "Shift+Tab");
  await expect(rows(page)).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(2);
});

test("rows that hold still do so while one is selected", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const [first, second, third] = ["first", "second", "third"].map((name) => ownInstance(workspace, name)) as [
    string,
    string,
    string,
  ];
  await putLogged(workspace, [first]);
  await page.goto(workspace.path("deliveries"));
  const box = page.getByRole("checkbox", { name: `Select ${first}, created` });
  await box.hover();
  await nextSecond(workspace);
  await putLogged(workspace, [second]);
  const show = page.getByRole("button", { name: "1 new – show" });
  await expect(show).toBeVisible();
  await box.check();
  await expect(page.getByText("Paused while deliveries are selected")).toBeVisible();
  await expect(rows(page), "the next box to press has not moved").toHaveCount(1);
  await expect(show).toBeVisible();
  await box.uncheck();
  await nextSecond(workspace);
  await putLogged(workspace, [third]);
  await expect(page.getByRole("button", { name: "2 new – show" })).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByRole("button", { name: /new – show/ })).toBeHidden();
});

test("a read that Live has begun comes to nothing once it is off", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "first")]);
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(1);
  await holdRequests(page, ({ pathname }) => pathname.endsWith("/deliveries"));
  const isOfLog = (request: Request) => request.url().includes("/deliveries?");
  await page.waitForEvent("request", isOfLog);
  const given = page.waitForEvent("requestfailed", isOfLog);
  await page.getByRole("checkbox", { name: "Live" }).uncheck();
  await putLogged(workspace, [ownInstance(workspace, "second")]);
  await given;
  await removeRoutes(page);
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Refresh" }).click();
  await expect(rows(page)).toHaveCount(2);
});

/** Waits for the second after the newest change: the log is ordered by change time, which has that resolution. */
async function nextSecond(workspace: Workspace) {
  const [{ changedAt }] = await loggedDeliveries(workspace);
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(changedAt) + 1_000);
}
