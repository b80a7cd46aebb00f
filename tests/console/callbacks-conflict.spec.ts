import { Dialog } from "./support/dialog";
import { checkA11y, expect, type Page, screenshots, test, type Workspace } from "./support/test";

const A = "http://127.0.0.1:9/a";
const B = "http://127.0.0.1:9/b";
const C = "http://127.0.0.1:9/c";

/** Opens the dialog in two pages, changes both, and saves the other page first. */
async function editConcurrently(page: Page, workspace: Workspace, mine: (dialog: Dialog) => Promise<void>) {
  await workspace.setCallbackUrls(A);
  const other = await page.context().newPage();
  const theirDialog = await Dialog.open(other, workspace.path("callbacks/edit"));
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await mine(dialog);
  await theirDialog.urls("created").fill(`${A}\n${B}`);
  await theirDialog.toggle("deleted").uncheck();
  await theirDialog.ok();
  await theirDialog.isClosed();
  await other.close();
  await dialog.ok();
  return dialog;
}

const conflict = (page: Page) =>
  page.getByRole("dialog", { name: "The callback URLs were changed while you were editing" });
const section = (page: Page, name: string) =>
  conflict(page).getByRole("region", { name: `${name} callbacks` });

test("a conflicting change is shown beside the draft, not overwritten", async ({ page, workspace }) => {
  await editConcurrently(page, workspace, async (dialog) => {
    await dialog.urls("created").fill(`${C}\n${A}`);
    await dialog.toggle("created").uncheck();
    await dialog.toggle("updated").uncheck();
  });
  await expect(conflict(page).getByText(/^local administrator saved changes/)).toBeVisible();
  const created = section(page, "Created");
  const theirs = created.getByRole("region", { name: "Theirs, saved" });
  const mine = created.getByRole("region", { name: "Yours, not saved" });
  await expect(theirs.getByText(B)).toHaveText(`${B} Only theirs`);
  await expect(theirs.getByText(A)).toHaveText(A);
  await expect(mine.getByText(C)).toHaveText(`${C} Only yours`);
  await expect(created.getByText("Both of you have changed this")).toBeVisible();
  // The toggles differ, too: nothing is preselected.
  await expect(created.getByRole("radio", { name: "Keep both (3 URLs, off)" })).toBeVisible();
  await expect(created.getByRole("radio", { checked: true })).toHaveCount(0);
  // A change on one side only is preselected, and labelled.
  await expect(section(page, "Updated").getByText("Only you have changed this")).toBeVisible();
  await expect(section(page, "Updated").getByRole("radio", { name: "Keep mine" })).toBeChecked();
  await expect(section(page, "Deleted").getByText("Only they have changed this")).toBeVisible();
  await expect(section(page, "Deleted").getByRole("radio", { name: "Use theirs" })).toBeChecked();

  await conflict(page).getByRole("button", { name: "Save" }).click();
  await expect(created.getByText("Choose a version")).toBeVisible();
  expect((await workspace.call("GET", "/callbacks")).version, "still as they saved it").toBe(2);
  await checkA11y(page);
  await screenshots(page, "callbacks-conflict");
});

for (const [choice, urls] of [
  ["Keep both (3 URLs)", [A, B, C]],
  ["Keep mine", [C, A]],
  ["Use theirs", [A, B]],
] as const) {
  test(`"${choice}" is saved for its event type, with the other side's changes`, async ({
    page,
    workspace,
  }) => {
    await editConcurrently(page, workspace, async (dialog) => {
      await dialog.urls("created").fill(`${C}\n${A}`);
      await dialog.toggle("updated").uncheck();
    });
    const kept = section(page, "Created").getByRole("radio", { name: choice });
    if (choice.startsWith("Keep both")) {
      await expect(kept, "only the lists differ").toBeChecked();
    }
    await kept.check();
    await conflict(page).getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Callback URLs saved")).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    const { created, updated, deleted } = await workspace.call("GET", "/callbacks");
    expect(created).toEqual({ enabled: true, urls });
    expect(updated, "changed on this side only").toEqual({ enabled: false, urls: [A] });
    expect(deleted, "changed on the other side only").toEqual({ enabled: false, urls: [A] });
  });
}

test("Back to editing keeps the draft, and OK asks again", async ({ page, workspace }) => {
  const dialog = await editConcurrently(page, workspace, (dialog) =>
    dialog.urls("created").fill(`${C}\n\n${A}`),
  );
  await conflict(page).getByRole("button", { name: "Back to editing" }).first().click();
  await expect(dialog.urls("created")).toHaveValue(`${C}\n\n${A}`);
  await dialog.ok();
  await expect(conflict(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(conflict(page)).toHaveCount(0);
  await expect(page.getByRole("dialog"), "Escape closes one dialog").toHaveCount(1);
  await expect(dialog.urls("created")).toHaveValue(`${C}\n\n${A}`);
});

test("another change during the choice is shown again", async ({ page, workspace }) => {
  await editConcurrently(page, workspace, (dialog) => dialog.urls("created").fill(C));
  await section(page, "Created").getByRole("radio", { name: "Keep mine" }).check();
  await workspace.call("PUT", "/callbacks/created", { enabled: false, urls: [B] });
  await conflict(page).getByRole("button", { name: "Save" }).click();
  await expect(section(page, "Created").getByRole("region", { name: "Theirs, saved" })).toContainText("Off");
  expect((await workspace.call("GET", "/callbacks")).created).toEqual({ enabled: false, urls: [B] });
});

test("the same change by another user needs no choice", async ({ page, workspace }) => {
  const dialog = await editConcurrently(page, workspace, async (dialog) => {
    await dialog.urls("created").fill(`${A}\n\n${B}\n`);
    await dialog.toggle("deleted").uncheck();
  });
  await dialog.isClosed();
  await expect(page.getByText("On: created (2 URLs) and updated (1 URL). Off: deleted.")).toBeVisible();
  expect((await workspace.call("GET", "/callbacks")).version).toBe(2);
});
