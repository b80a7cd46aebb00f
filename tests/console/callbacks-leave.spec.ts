import { Dialog } from "./support/dialog";
import { checkA11y, expect, screenshot, test } from "./support/test";

const LEAVE_DIALOG = { name: "Discard changes?" };

/** The ways to leave that the page can block. */
const EXITS: [string, (dialog: Dialog) => Promise<unknown>][] = [
  ["Close", (dialog) => dialog.button("Close").click()],
  ["the X", (dialog) => dialog.button("Close modal").click()],
  ["Escape", (dialog) => dialog.page.keyboard.press("Escape")],
  ["Back", (dialog) => dialog.page.evaluate(() => history.back())],
];

for (const [way, leave] of EXITS) {
  test(`${way} leaves at once without changes`, async ({ page, workspace }) => {
    await page.goto(workspace.path("callbacks"));
    await page.getByRole("link", { name: "Edit" }).click();
    const dialog = new Dialog(page);
    await expect(dialog.toggle("created")).toBeVisible();
    await dialog.toggle("created").check();
    await dialog.toggle("created").uncheck();
    await leave(dialog);
    await dialog.isClosed();
    await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks")}$`));
  });

  test(`${way} asks first with changes, and saves nothing`, async ({ page, workspace }) => {
    await page.goto(workspace.path("callbacks"));
    await page.getByRole("link", { name: "Edit" }).click();
    const dialog = new Dialog(page);
    await dialog.set("updated", "http://127.0.0.1:9/");
    await leave(dialog);
    const question = page.getByRole("dialog", LEAVE_DIALOG);
    await question.getByRole("button", { name: "Keep editing" }).last().click();
    await expect(question).toHaveCount(0);
    await expect(dialog.urls("updated")).toHaveValue("http://127.0.0.1:9/");
    await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks/edit")}$`));
    await leave(dialog);
    await question.getByRole("button", { name: "Discard changes" }).click();
    await dialog.isClosed();
    await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks")}$`));
    expect((await workspace.call("GET", "/callbacks")).version).toBe(0);
  });
}

test("the browser asks before a reload, only with changes", async ({ page, workspace }) => {
  const asked: string[] = [];
  const answered: Promise<void>[] = [];
  page.on("dialog", (question) => {
    asked.push(question.type());
    answered.push(question.accept());
  });
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await page.reload();
  await expect(dialog.toggle("created")).toBeVisible();
  expect(asked).toEqual([]);
  await dialog.set("created", "http://127.0.0.1:9/");
  await page.reload();
  await expect(dialog.urls("created")).toHaveValue("");
  expect(asked).toEqual(["beforeunload"]);
  await Promise.all(answered);
});

test("Escape in the confirmation returns to the dialog", async ({ page, workspace }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set("created", "http://127.0.0.1:9/");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", LEAVE_DIALOG)).toBeVisible();
  await checkA11y(page);
  await screenshot(page, "callbacks-leave");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", LEAVE_DIALOG)).toHaveCount(0);
  await expect(dialog.urls("created")).toHaveValue("http://127.0.0.1:9/");
});
