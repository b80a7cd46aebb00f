import { Dialog } from "./support/dialog";
import { ownInstance } from "./support/log";
import { expect, type Receiver, test } from "./support/test";

const eventTypes = ({ requests }: Receiver) => requests.map(({ eventType }) => eventType);

test("enabled event types are called, disabled ones are not", async ({ page, workspace, receiver }) => {
  await page.goto(workspace.path("callbacks"));
  await expect(page.getByText("No callbacks yet")).toBeVisible();
  await page.getByRole("link", { name: "Set callback URLs" }).click();
  const dialog = new Dialog(page);
  await dialog.set("created", `${receiver.url}/instanceCreated?token=a%2Fb`);
  await dialog.set("updated", `${receiver.url}/instanceUpdated`);
  await dialog.set("deleted", `${receiver.url}/instanceDeleted`);
  await dialog.ok();
  await dialog.isClosed();
  await expect(page.getByText("On: created (1 URL), updated (1 URL) and deleted (1 URL).")).toBeVisible();
  await expect(page.getByText(`${receiver.url}/instanceUpdated`)).toBeVisible();

  const [one, two] = [ownInstance(workspace, "one"), ownInstance(workspace, "two")];
  await workspace.putInstance(one, "Order intake");
  await workspace.putInstance(one, "Order intake");
  await workspace.deleteInstance(one);
  await expect.poll(() => receiver.requests.length).toBe(3);
  const parameters = `instanceID=${one}&processName=Order%20intake&eventType=`;
  expect(receiver.requests.map(({ target }) => target).sort()).toEqual([
    `/instanceCreated?token=a%2Fb&${parameters}created`,
    `/instanceDeleted?${parameters}deleted`,
    `/instanceUpdated?${parameters}updated`,
  ]);

  await page.getByRole("link", { name: "Edit" }).click();
  await dialog.toggle("created").uncheck();
  await dialog.toggle("updated").uncheck();
  await dialog.ok();
  await dialog.isClosed();
  await expect(page.getByText("On: deleted (1 URL). Off: created and updated.")).toBeVisible();
  await workspace.putInstance(two);
  await workspace.putInstance(two);
  await workspace.deleteInstance(two);
  // The last of the three has arrived, so the first two would have too.
  await expect.poll(() => eventTypes(receiver).slice(3)).toEqual(["deleted"]);
});

test("pasted lines are all called, without blanks and duplicates", async ({ page, workspace, receiver }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  const { url } = receiver;
  await dialog.toggle("created").check();
  await page.evaluate(
    (text) => navigator.clipboard.writeText(text),
    `${url}/1\n\n  ${url}/2\n${url}/1\n${url}/3\n`,
  );
  await dialog.urls("created").focus();
  await page.keyboard.press("Control+V");
  await expect(dialog.lines("created")).toHaveCount(4);
  await dialog.ok();
  await dialog.isClosed();
  await expect(page.getByText("On: created (3 URLs). Off: updated and deleted.")).toBeVisible();

  await workspace.putInstance(ownInstance(workspace, "one"));
  await expect
    .poll(() => receiver.requests.map(({ target }) => target.split("?")[0]).sort())
    .toEqual(["/1", "/2", "/3"]);

  await page.getByRole("link", { name: "Edit" }).click();
  await expect(dialog.urls("created")).toHaveValue(`${url}/1\n${url}/2\n${url}/3`);
  await expect(dialog.toggle("created")).toBeChecked();
  await expect(dialog.toggle("updated")).not.toBeChecked();
});

test("a disabled type keeps its URLs, an enabled one without URLs warns", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.toggle("created").uncheck();
  await dialog.urls("updated").fill("");
  await dialog.ok();
  await dialog.isClosed();
  await expect(page.getByText("On: updated (no URL) and deleted (1 URL). Off: created.")).toBeVisible();
  await expect(page.getByText("On, but without a URL: nothing is called")).toBeVisible();
  const { created, updated, deleted } = await workspace.call("GET", "/callbacks");
  // The API adds the path when it normalises a URL.
  expect(created).toEqual({ enabled: false, urls: [`${receiver.url}/`] });
  expect(updated).toEqual({ enabled: true, urls: [] });
  expect(deleted).toEqual({ enabled: true, urls: [`${receiver.url}/`] });
});

test("OK without a change saves nothing: no new version, nothing in the audit", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.ok();
  await dialog.isClosed();
  expect((await workspace.call("GET", "/callbacks")).version).toBe(1);
});

test("the dialog has an address, and Back does not reopen it", async ({ page, workspace }) => {
  await page.goto(workspace.path("audit"));
  await page.getByRole("link", { name: "Instance Callback URLs" }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks/edit")}$`));
  await expect(page).toHaveTitle("Instance Callback URLs – Instance Webhooks");
  const dialog = new Dialog(page);
  await page.reload();
  await expect(dialog.toggle("deleted")).toBeVisible();
  await dialog.button("Close").click();
  await dialog.isClosed();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks")}$`));
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("audit")}$`));
  await dialog.isClosed();
});

test("the dialog works by keyboard, and returns the focus", async ({ page, workspace, receiver }) => {
  await workspace.call("PUT", "/callbacks", { deleted: { enabled: false, urls: ["http://127.0.0.1:9/"] } });
  await page.goto(workspace.path("callbacks"));
  const edit = page.getByRole("link", { name: "Edit" });
  await edit.focus();
  await page.keyboard.press("Enter");
  const dialog = new Dialog(page);
  await expect(dialog.toggle("created")).toBeVisible();
  await expect(dialog.root.locator(":focus")).toHaveCount(1);

  const tabTo = async (target: ReturnType<Dialog["button"]>) => {
    for (let presses = 0; presses < 30; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        return;
      }
      await page.keyboard.press("Tab");
      await expect(dialog.root.locator(":focus"), "the focus stays in the dialog").toHaveCount(1);
    }
    throw new Error("Tab does not lead there");
  };
  await tabTo(dialog.toggle("created"));
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await expect(dialog.button("Help on created callbacks")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(dialog.button("Created: no URL")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(dialog.urls("created")).toBeFocused();
  await page.keyboard.type(`${receiver.url}/a`);
  await page.keyboard.press("Tab");
  await expect(dialog.button(`Test ${receiver.url}/a`)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.lines("created")).toContainText("200 in");
  await tabTo(dialog.button("OK"));
  await page.keyboard.press("Enter");
  await dialog.isClosed();
  await expect(edit).toBeFocused();
  const { created } = await workspace.call("GET", "/callbacks");
  expect(created).toEqual({ enabled: true, urls: [`${receiver.url}/a`] });
});
