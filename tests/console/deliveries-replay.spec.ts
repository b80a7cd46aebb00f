import { logged, own, rowOf, rows } from "./support/log";
import { checkA11y, expect, type Page, type Receiver, screenshot, test } from "./support/test";

/** How often each event has come. */
function timesByID(receiver: Receiver): number[] {
  const times = new Map<string, number>();
  for (const { headers } of receiver.requests) {
    const id = String(headers["webhook-id"]);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  return [...times.values()].sort();
}

async function choose(page: Page, item: RegExp) {
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("one is replayed, and the receiver sees the same webhook-id", async ({ page, workspace, receiver }) => {
  await workspace.callBack(receiver.url);
  await logged(workspace, [own(workspace, "one")]);
  await expect.poll(() => receiver.requests.length).toBe(1);
  await page.goto(workspace.path("deliveries"));
  await rowOf(page, own(workspace, "one")).click();
  const panel = page.getByRole("region", { name: "Delivery" });
  await panel.getByRole("button", { name: "Replay" }).click();

  await expect(
    page.getByText(`The delivery of ${own(workspace, "one")}, created, is sent again`),
  ).toBeVisible();
  await expect(panel.getByText("The receiver took it after 2 attempts")).toBeVisible();
  const [first, again] = receiver.requests;
  expect(again?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(again?.headers["webhook-attempt"]).toBe("2");
});

test("the selected ones are replayed, and no others", async ({ page, workspace, receiver }) => {
  await workspace.callBack(receiver.url);
  const [one, two, three] = ["one", "two", "three"].map((name) => own(workspace, name)) as [
    string,
    string,
    string,
  ];
  await logged(workspace, [one, two, three]);
  await expect.poll(() => receiver.requests.length).toBe(3);
  await page.goto(workspace.path("deliveries"));
  await page.getByRole("checkbox", { name: `Select ${one}, created` }).check();
  await page.getByRole("checkbox", { name: `Select ${three}, created` }).check();
  await expect(page.getByText("Paused while deliveries are selected")).toBeVisible();
  await choose(page, /Selected: 2 deliveries/);
  const dialog = page.getByRole("dialog", { name: "Replay 2 deliveries?" });
  await expect(dialog.getByText("Receivers get the same webhook-id again")).toBeVisible();
  await checkA11y(page);
  await dialog.getByRole("button", { name: "Replay" }).click();

  await expect(page.getByText("Sent again: 2 deliveries")).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect.poll(() => receiver.requests.length).toBe(5);
  expect(timesByID(receiver)).toEqual([1, 2, 2]);
  expect(
    receiver.requests
      .slice(3)
      .map(({ instanceID }) => instanceID)
      .sort(),
  ).toEqual([one, three].sort());
  // Nothing is selected any more.
  await expect(page.getByText("Paused while deliveries are selected")).toBeHidden();
});

test("which of the selected could not be replayed, and why, is said of each", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.callBack(`${receiver.url}/stays`, `${receiver.url}/goes`);
  await logged(workspace, [own(workspace, "one")], 2);
  await expect.poll(() => receiver.requests.length).toBe(2);
  await workspace.callBack(`${receiver.url}/stays`);
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(2);
  for (const box of await page.getByRole("checkbox", { name: /^Select .*, created$/ }).all()) {
    await box.check();
  }
  await choose(page, /Selected: 2 deliveries/);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(dialog.getByRole("heading", { name: "Replayed 1 of 2 deliveries" })).toBeVisible();
  await expect(dialog.getByText("Sent again")).toBeVisible();
  await expect(dialog.getByText("the URL is not called for this event type any more")).toBeVisible();
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => receiver.requests.length).toBe(3);
  expect(receiver.requests[2]?.target).toContain("/stays");
});

test("everything that matches is counted, then replayed, in as many calls as it takes", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.callBack(receiver.url);
  const instances = Array.from({ length: 240 }, (_, number) => own(workspace, `${number}`));
  for (const instance of instances) {
    await workspace.putInstance(instance);
  }
  await expect.poll(() => receiver.requests.length).toBe(240);
  await workspace.deleteInstance(instances[0] ?? "");
  await expect.poll(() => receiver.requests.length).toBe(241);

  await page.goto(workspace.path("deliveries"));
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByRole("menuitem", { name: /Everything that matches/ })).toBeDisabled();
  await page.goto(`${workspace.path("deliveries")}?eventType=created`);
  await expect(rows(page)).toHaveCount(50);
  await choose(page, /Everything that matches/);
  const dialog = page.getByRole("dialog", { name: "Replay 240 deliveries?" });
  await expect(dialog).toBeVisible();
  await screenshot(page, "replay-matching");
  expect(receiver.requests.length).toBe(241);

  const calls: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") {
      calls.push(request.url());
    }
  });
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByText("Sent again: 240 deliveries")).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => receiver.requests.length, { timeout: 60_000 }).toBe(481);
  expect(timesByID(receiver)).toEqual([1, ...Array(240).fill(2)]);
  expect(calls.length).toBeGreaterThan(1);
});

test("replaying what matches stops when told, and goes on after a failure", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.callBack(receiver.url);
  await logged(workspace, [own(workspace, "one"), own(workspace, "two")]);
  await expect.poll(() => receiver.requests.length).toBe(2);
  await page.goto(`${workspace.path("deliveries")}?status=delivered`);
  await expect(rows(page)).toHaveCount(2);
  let failures = 0;
  await page.route(/\/deliveries\/replay$/, (route) => {
    const { dryRun } = route.request().postDataJSON();
    if (dryRun || failures > 0) {
      return route.continue();
    }
    failures++;
    return route.fulfill({
      status: 503,
      json: { type: "about:blank", title: "Not now", status: 503, detail: "the table does not answer" },
    });
  });
  await choose(page, /Everything that matches/);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(dialog.getByText("The table does not answer")).toBeVisible();
  expect(receiver.requests.length).toBe(2);
  await dialog.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Sent again: 2 deliveries")).toBeVisible();
  await expect.poll(() => timesByID(receiver)).toEqual([2, 2]);

  await choose(page, /Everything that matches/);
  await expect(page.getByRole("dialog", { name: /^Replay 2 deliveries/ })).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  expect(receiver.requests.length).toBe(4);
});

test("pending deliveries are not offered for replay", async ({ page, workspace, receiver }) => {
  await workspace.callBack(receiver.url);
  await page.goto(`${workspace.path("deliveries")}?status=pending`);
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByRole("menuitem", { name: /Everything that matches/ })).toBeDisabled();
  await expect(page.getByText("Pending deliveries are still to be sent")).toBeAttached();
});
