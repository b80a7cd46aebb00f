import { Dialog } from "./support/dialog";
import { endpointOf } from "./support/endpoint-page";
import { pressOn, tabTo } from "./support/keyboard";
import { expectLogged, loggedDeliveries, ownInstance, putLogged, rowOf, rows } from "./support/log";
import { expect, expectProgram, type Page, test } from "./support/test";

// No test of this file uses the mouse.

const panel = (page: Page) => page.getByRole("region", { name: "Delivery" });

/** Moves from the skip link into the log's table, and down to its first delivery. */
async function toFirstRow(page: Page) {
  await expect(rows(page).first()).toBeVisible();
  await tabTo(page, page.getByRole("checkbox", { name: "Select all on this page" }));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect(rows(page).first()).toBeFocused();
}

test("a URL is set and saved by keyboard", async ({ page, workspace, receiver }) => {
  await page.goto(workspace.path("callbacks"));
  await expectProgram(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await pressOn(page, page.getByRole("link", { name: "Skip to content" }));
  await pressOn(page, page.getByRole("link", { name: "Edit" }));
  const dialog = new Dialog(page);
  await pressOn(page, dialog.toggle("created"), "Space");
  await tabTo(page, dialog.urls("created"));
  await page.keyboard.type(`${receiver.url}/by-keyboard`);
  await pressOn(page, dialog.button("OK"));
  await dialog.isClosed();
  await expect(page.getByRole("link", { name: "Edit" })).toBeFocused();
  expect((await workspace.call("GET", "/callbacks")).created).toEqual({
    enabled: true,
    urls: [`${receiver.url}/by-keyboard`],
  });
});

test("deliveries are opened, stepped through and closed by keyboard", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  for (const name of ["one", "two"]) {
    await putLogged(workspace, [ownInstance(workspace, name)]);
  }
  await page.goto(workspace.path("deliveries"));
  await toFirstRow(page);
  await page.keyboard.press("Enter");
  // What changed within the same second has an order of its own.
  const [first, second] = (await loggedDeliveries(workspace)).map(({ instanceID }) => instanceID);
  const title = (instance: string) => panel(page).getByText(`${instance}, created`);
  await expect(title(first)).toBeFocused();
  await pressOn(page, panel(page).getByRole("button", { name: "Next delivery (J)" }));
  await expect(title(second)).toBeFocused();
  await page.keyboard.press("k");
  await expect(title(first)).toBeFocused();
  await page.keyboard.press("j");
  await expect(title(second)).toBeFocused();
  // From a control of the panel too.
  await tabTo(page, panel(page).getByRole("button", { name: "Copy as curl" }));
  await page.keyboard.press("Escape");
  await expect(panel(page)).toBeHidden();
  await expect(rowOf(page, second)).toBeFocused();
});

test("a failed delivery is replayed by keyboard", async ({ page, workspace, receiver }) => {
  receiver.respondWith(410);
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await expectLogged(workspace, "failed", 1);
  receiver.respondWith(200);
  await page.goto(workspace.path("deliveries"));
  await toFirstRow(page);
  await page.keyboard.press("Enter");
  await expect(panel(page).getByText("Failed: the endpoint is disabled")).toBeVisible();
  await pressOn(page, panel(page).getByRole("button", { name: "Re-enable endpoint and replay" }));
  await expect(panel(page).getByText("Delivered after 2 attempts")).toBeVisible();
  await expect(panel(page).locator(":focus")).toHaveCount(1);
});

test("an endpoint is paused and resumed by keyboard", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const { endpointID } = await endpointOf(workspace, receiver.url);
  await page.goto(workspace.path(`endpoints/${endpointID}`));
  await pressOn(page, page.getByRole("button", { name: `Pause ${receiver.url}` }));
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menuitem", { name: "Until I resume it" })).toBeHidden();
  await expect(page.getByRole("button", { name: `Pause ${receiver.url}` })).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Until I resume it" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Paused until it is resumed")).toBeVisible();
  // The button that replaces the pressed one has the focus.
  await expect(page.getByRole("button", { name: `Resume: ${receiver.url}` })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Paused until it is resumed")).toBeHidden();
  await expect(page.getByRole("button", { name: `Pause ${receiver.url}` })).toBeFocused();
  expect((await endpointOf(workspace, receiver.url)).settings.paused).toBe(false);
});

test("the log is filtered and cleared by keyboard", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const [one, two] = [ownInstance(workspace, "one"), ownInstance(workspace, "two")];
  await putLogged(workspace, [one, two]);
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(2);
  await tabTo(page, page.getByRole("combobox", { name: "Find deliveries" }));
  await page.keyboard.type(two);
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(1);
  await expect(rowOf(page, two)).toBeVisible();
  await pressOn(page, page.getByRole("button", { name: /^Clear/ }));
  await expect(rows(page)).toHaveCount(2);
});
