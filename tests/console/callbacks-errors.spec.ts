import { Dialog } from "./support/dialog";
import { withoutPolls } from "./support/routes";
import { checkA11y, expect, screenshots, test } from "./support/test";

test("each rejected line has an error at its number, and nothing is saved", async ({
  page,
  workspace,
  receiver,
}) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set("created", `${receiver.url}/\n\nhttps://my-service.com/a b\n`);
  await dialog.set("updated", `ftp://files.example/\n${receiver.url}/\nhttps://user:secret@my-service.com/`);
  await dialog.set("deleted", "\nhttp://169.254.169.254/latest/meta-data");
  await dialog.ok();

  await expect(dialog.urls("created")).toHaveAccessibleDescription(
    /Line 3: the character ' ' at position 25 is not allowed in a URL \(RFC 3986\); write %20/,
  );
  await expect(dialog.urls("updated")).toHaveAccessibleDescription(
    /Line 1: a callback URL begins with http:\/\/ or https:\/\/, not ftp:.*Line 3: /s,
  );
  await expect(dialog.urls("deleted")).toHaveAccessibleDescription(
    /Line 2: the host's address may not be called: a cloud's metadata service/,
  );
  // Beside each line stands its own reason.
  await expect(dialog.lines("created").getByRole("status")).toHaveText([
    "",
    /^The character ' ' at position 25 is not allowed/,
  ]);
  await expect(dialog.lines("updated").getByRole("status")).toHaveText([
    /not ftp:$/,
    "",
    /must not carry a user or password/,
  ]);
  await expect(dialog.lines("deleted").getByRole("status")).toHaveText([/may not be called/]);

  await expect(dialog.urls("created")).toBeFocused();
  const selected = await dialog
    .urls("created")
    .evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd));
  expect(selected, "the line concerned").toBe("https://my-service.com/a b");
  expect((await workspace.call("GET", "/callbacks")).version, "nothing was changed").toBe(0);
  await checkA11y(page);
  await screenshots(page, "callbacks-errors");
});

test("an error follows its line and ends when it is fixed; then OK saves", async ({
  page,
  workspace,
  receiver,
}) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set("deleted", `${receiver.url}/\nnonsense\nmore`);
  await dialog.ok();
  await expect(dialog.urls("deleted")).toBeFocused();
  await expect(dialog.urls("deleted")).toHaveAccessibleDescription(/Line 2: .*Line 3: /s);
  await dialog.urls("deleted").fill(`more\n${receiver.url}/`);
  await expect(dialog.urls("deleted")).toHaveAccessibleDescription(/Line 1: a callback URL begins/);
  await expect(dialog.urls("deleted")).not.toHaveAccessibleDescription(/Line 2/);
  await dialog.urls("deleted").fill(`${receiver.url}/more\n${receiver.url}/`);
  await expect(dialog.urls("deleted")).not.toHaveAccessibleDescription(/Line/);
  await dialog.ok();
  await dialog.isClosed();
  await expect(page.getByText("On: deleted (2 URLs).")).toBeVisible();
});

test("the fifty-first URL is one too many, until one is removed", async ({ page, workspace }) => {
  const urls = Array.from({ length: 51 }, (_, index) => `http://127.0.0.1:9/${index + 1}`);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set("created", urls.join("\n"));
  await dialog.ok();
  await expect(dialog.urls("created")).toHaveAccessibleDescription(
    /Line 51: this is one URL too many; 51 are given and at most 50 are allowed/,
  );
  await dialog.urls("created").fill(urls.slice(1).join("\n"));
  await expect(dialog.urls("created")).not.toHaveAccessibleDescription(/too many/);
  await dialog.ok();
  await dialog.isClosed();
  expect((await workspace.call("GET", "/callbacks")).created.urls).toHaveLength(50);
});

test("a failed save keeps the draft, and OK retries", async ({ page, context, workspace, receiver }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set("updated", receiver.url);
  await context.setOffline(true);
  await dialog.ok();
  await expect(dialog.root.getByText("The service cannot be reached")).toBeVisible();
  await expect(dialog.urls("updated")).toHaveValue(receiver.url);
  await context.setOffline(false);
  await dialog.ok();
  await dialog.isClosed();
  expect((await workspace.call("GET", "/callbacks")).updated.enabled).toBe(true);
});

test("a failed load is reported and can be retried", async ({ page, workspace }) => {
  let broken = true;
  await withoutPolls(page);
  await page.route(`**/v1/workspaces/${workspace.name}/callbacks`, (route) =>
    broken ? route.abort() : route.fallback(),
  );
  await page.goto(workspace.path("callbacks/edit"));
  const dialog = new Dialog(page);
  await expect(dialog.root.getByText("The service cannot be reached")).toBeVisible();
  await expect(dialog.button("OK"), "unknown callbacks cannot be overwritten").toHaveCount(0);
  broken = false;
  await dialog.button("Try again").click();
  await expect(dialog.toggle("created")).toBeVisible();
});

test("damaged callbacks are replaced by the saved ones", async ({ page, workspace, receiver }) => {
  let damaged = true;
  await page.route(`**/v1/workspaces/${workspace.name}/{callbacks,endpoints}`, (route) => {
    if (route.request().method() !== "GET") {
      damaged = false;
    }
    return damaged
      ? route.fulfill({
          status: 500,
          contentType: "application/problem+json",
          json: {
            type: "urn:instance-webhooks:problem:stored-data-damaged",
            title: "Stored data damaged",
            status: 500,
            detail: "what is stored cannot be read; the log names the item",
          },
        })
      : route.fallback();
  });
  const message = `The callbacks of the workspace ${workspace.name} cannot be read`;
  for (const view of ["", "endpoints", "callbacks"]) {
    await page.goto(workspace.path(view));
    await expect(page.getByText(message)).toBeVisible();
    await expect(page.getByText("every event is kept, and nothing is lost")).toBeVisible();
  }
  await checkA11y(page);
  await page.getByRole("link", { name: "Set callback URLs" }).click();
  const dialog = new Dialog(page);
  await expect(dialog.root.getByText(message)).toBeVisible();
  await expect(dialog.button("OK"), "unknown callbacks are not overwritten by mistake").toHaveCount(0);
  await dialog.button("Start from empty callbacks").click();
  await expect(dialog.root.getByText("OK replaces the damaged callbacks")).toBeVisible();
  await checkA11y(page);
  await dialog.set("created", receiver.url);
  await dialog.ok();
  await dialog.isClosed();
  expect((await workspace.call("GET", "/callbacks")).created.enabled).toBe(true);
});
