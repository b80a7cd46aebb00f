import { endpointOf, open, save, settings } from "./support/endpoint-page";
import { pressOn } from "./support/keyboard";
import { ownInstance } from "./support/log";
import {
  checkA11y,
  expect,
  expectNoSidewaysScrolling,
  type Page,
  type Receiver,
  screenshots,
  test,
  type Workspace,
} from "./support/test";

const STALE = "Outdated The settings above have changed since this dry run.";

const changed = (page: Page) =>
  settings(page).getByRole("textbox", { name: "Changed attributes", exact: true });

const addCondition = (page: Page) => settings(page).getByRole("button", { name: "Add condition" });

const run = (page: Page) =>
  settings(page).getByRole("button", { name: "Dry run on the last 100 events", exact: true });

const region = (page: Page) => settings(page).getByRole("region", { name: "Events of the dry run" });

/** Returns the rows of the events, or of those of one instance, the newest first. */
const rows = (page: Page, instance?: string) =>
  region(page)
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader", { name: instance }) });

/** Makes six events: two of an instance that stays a draft, and four of one that is approved. */
async function makeEvents(workspace: Workspace, receiver: Receiver) {
  const [draft, order] = [ownInstance(workspace, "draft"), ownInstance(workspace, "order")];
  await workspace.putInstance(draft, "Invoice", { status: "Draft" });
  await workspace.deleteInstance(draft);
  await workspace.putInstance(order, "Order", { status: "Draft" });
  await workspace.putInstance(order, "Order", { status: "Approved" });
  await workspace.putInstance(order, "Order", { status: "Approved", total: "2" });
  await workspace.deleteInstance(order);
  await expect.poll(() => receiver.requests.length).toBe(6);
  return { draft, order };
}

test("a dry run shows which events would have been sent, and saves nothing", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  const { draft, order } = await makeEvents(workspace, receiver);
  await open(page, workspace, receiver.url);
  await run(page).click();
  const all = "All of the 6 events of the last 24 hours would have been sent.";
  await expect(settings(page).getByText(all)).toBeVisible();
  await expect(settings(page).getByText("Excluded:")).toHaveCount(0);
  await expect(rows(page)).toHaveCount(6);

  // A path that was typed but not added is tried too.
  await changed(page).fill("status");
  await expect(settings(page).getByText(STALE)).toBeVisible();
  await addCondition(page).click();
  await settings(page)
    .getByRole("textbox", { name: /Attribute$/ })
    .fill("status");
  await settings(page)
    .getByRole("textbox", { name: /Value$/ })
    .fill("Approved");
  await run(page).click();
  const some = "2 of the 6 events of the last 24 hours would have been sent.";
  await expect(settings(page).getByText(some)).toBeVisible();
  await expect(
    settings(page).getByText("Excluded: 1 by the changed attributes and 3 by the conditions."),
  ).toBeVisible();
  await expect(settings(page).getByText(STALE)).toHaveCount(0);
  await expect(rows(page, order)).toContainText([
    /deleted.*Order.*Sent/,
    /updated.*Order.*Excluded by the changed attributes/,
    /updated.*Order.*Sent/,
    /created.*Order.*Excluded by the conditions/,
  ]);
  await expect(rows(page, draft)).toContainText([
    /deleted.*Invoice.*Excluded by the conditions/,
    /created.*Invoice.*Excluded by the conditions/,
  ]);
  const stored = await endpointOf(workspace, receiver.url);
  expect(stored.settings).toMatchObject({ changed: [], where: {} });
  await run(page).scrollIntoViewIfNeeded();
  await screenshots(page, "endpoint-dry-run");

  await changed(page).fill("total");
  await expect(settings(page).getByText(STALE)).toBeVisible();
  await changed(page).fill("status");
  await expect(settings(page).getByText(STALE)).toHaveCount(0);
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await expect(settings(page).getByText(some), "what was tried is what is stored").toBeVisible();
  await expect(settings(page).getByText(STALE)).toHaveCount(0);
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    changed: ["status"],
    where: { status: ["Approved"] },
  });
  expect(receiver.requests, "nothing is sent").toHaveLength(6);
});

test("a dry run says what the callbacks exclude, works by keyboard and fits a narrow window", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  const { order } = await makeEvents(workspace, receiver);
  const on = { enabled: true, urls: [receiver.url] };
  await workspace.call("PUT", "/callbacks", { created: on, updated: on, deleted: { ...on, enabled: false } });
  await open(page, workspace, receiver.url);
  await settings(page).getByRole("textbox", { name: "Processes" }).focus();
  await page.keyboard.type("Order");
  await pressOn(page, run(page));
  await expect(
    settings(page).getByText("Excluded: 2 by the event type and 1 by the processes."),
  ).toBeVisible();
  await expect(run(page)).toBeFocused();
  await expect(rows(page, order)).toHaveCount(4);
  await expect(rows(page, order).first()).toContainText("Excluded by the event type");
  await page.keyboard.press("Tab");
  await expect(region(page)).toBeFocused();
  expect((await region(page).boundingBox())?.height, "a long list scrolls").toBeLessThanOrEqual(300);
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 780 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectNoSidewaysScrolling(page);
      await checkA11y(page);
    }
  }
});

test("a workspace without events says so", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await run(page).click();
  await expect(settings(page).getByText("There was no event in the last 24 hours.")).toBeVisible();
  await expect(region(page)).toHaveCount(0);
});

test("errors of a dry run stand at their fields, and other fields are not checked", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await settings(page).getByRole("textbox", { name: "Rate limit (calls per second)" }).fill("many");
  await changed(page).fill("customer..country");
  await run(page).click();
  const emptyName = 'The path "customer..country" has an empty name';
  await expect(settings(page).getByText(emptyName)).toBeVisible();
  await expect(changed(page)).toHaveAttribute("aria-invalid", "true");
  await changed(page).fill("customer.country");
  await expect(settings(page).getByText(emptyName)).toHaveCount(0);
  await addCondition(page).click();
  await settings(page)
    .getByRole("textbox", { name: /Attribute$/ })
    .fill("status");
  await run(page).click();
  await expect(settings(page).getByText("Enter a value, or remove the condition.")).toBeVisible();
  await expect(settings(page).getByText("would have been sent.")).toHaveCount(0);
  await settings(page)
    .getByRole("textbox", { name: /Value$/ })
    .fill("Approved");
  await run(page).click();
  await expect(settings(page).getByText("There was no event in the last 24 hours.")).toBeVisible();
  await expect(settings(page).getByText("Enter a whole number from 1 to 1,000")).toHaveCount(0);
});

test("a dry run that fails is tried again, and does not save", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await changed(page).fill("status");
  const again = settings(page).getByRole("button", { name: "Try again" });
  // As a gateway responds, without JSON.
  await page.route("**/dry-run", (route) => route.fulfill({ status: 503, body: "the stream is not there" }));
  await run(page).click();
  await expect(settings(page).getByText("The stream is not there")).toBeVisible();
  await checkA11y(page);
  const second = page.waitForResponse("**/dry-run");
  await again.press("Enter");
  await second;
  await expect(again, "the focus stays at the button").toBeFocused();
  await page.unroute("**/dry-run");
  await page.keyboard.press("Enter");
  await expect(settings(page).getByText("There was no event in the last 24 hours.")).toBeVisible();
  await expect(again).toHaveCount(0);
  await expect(save(page)).toBeEnabled();
  expect((await endpointOf(workspace, receiver.url)).settings.changed).toEqual([]);

  // Without a response the button itself is what remains.
  await page.route("**/dry-run", (route) => route.abort());
  await run(page).click();
  await expect(settings(page).getByText("The service cannot be reached")).toBeVisible();
  await expect(again).toHaveCount(0);
  await page.unroute("**/dry-run");
  await run(page).click();
  await expect(settings(page).getByText("There was no event in the last 24 hours.")).toBeVisible();
});
