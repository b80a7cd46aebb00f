import { endpointOf, figure, instances, makeFailing, open } from "./support/endpoint-page";
import { checkA11y, expect, test } from "./support/test";

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

test("failed deliveries of the last 24 hours are replayed in two clicks", async ({
  page,
  workspace,
  receiver,
}) => {
  receiver.respondWith(410);
  await workspace.setCallbackUrls(receiver.url);
  const name = `${workspace.name}-gone`;
  await workspace.putInstance(name);
  await open(page, workspace, receiver.url);
  await expect(page.getByRole("row", { name: /-gone/ })).toContainText("Failed");
  receiver.respondWith(200);
  await page.getByRole("button", { name: `Re-enable: ${receiver.url}` }).click();
  await expect(page.getByText(/Re-enabled/).first()).toBeVisible();

  await page.getByRole("button", { name: "Replay failed deliveries of the endpoint…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Replay 1 delivery" }).click();
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
  // The worst are first: rows move until none is paused.
  await expect(page.getByRole("row").filter({ hasText: "Paused" })).toHaveCount(0);

  await page.getByRole("button", { name: `Actions for ${receiver.url}/3` }).click();
  await page.getByRole("menuitem", { name: "Until I resume it" }).click();
  await expect(page.getByText(`Paused ${receiver.url}/3 until resumed. Events are kept.`)).toBeVisible();
  expect(await paused()).toBe(1);
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
