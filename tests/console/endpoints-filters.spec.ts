import type { Locator } from "@playwright/test";
import { endpointOf, instances, open, save, settings } from "./support/endpoint-page";
import { pressOn, tabTo } from "./support/keyboard";
import { checkA11y, expect, expectNoSidewaysScrolling, type Page, screenshots, test } from "./support/test";

const SENTENCE =
  "Called when an instance is created, updated with a change of status or customer.country, or deleted, if " +
  "status is Approved or begins with Rej; for a deletion, the values before it count.";

const textbox = (page: Page, name: string) => settings(page).getByRole("textbox", { name, exact: true });

/** Returns the row of a condition, which is named by its attribute. */
const condition = (page: Page, index: number) =>
  settings(page)
    .getByRole("group")
    .filter({ has: page.getByRole("textbox", { name: "Attribute" }) })
    .nth(index);

async function fill(row: Locator, attribute: string, value: string) {
  await row.getByRole("textbox", { name: "Attribute" }).fill(attribute);
  await row.getByRole("textbox", { name: "Value" }).fill(value);
}

const addCondition = (page: Page) => settings(page).getByRole("button", { name: "Add condition" });

/** Returns the sentence about the stored settings. That of the draft has a label in front. */
const stored = (page: Page, sentence: string) => page.getByText(sentence, { exact: true });

test("changed attributes and conditions are set, and a sentence says what is sent", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await expect(stored(page, "Called when an instance is created, updated or deleted.")).toBeVisible();

  await textbox(page, "Changed attributes").fill("status");
  await settings(page).getByRole("button", { name: "Add attribute" }).click();
  await expect(settings(page).getByRole("button", { name: "Remove status" })).toBeVisible();
  // A path that was typed but not added is saved too.
  await textbox(page, "Changed attributes").fill("customer.country");
  await addCondition(page).click();
  await expect(condition(page, 0).getByRole("textbox", { name: "Attribute" })).toBeFocused();
  await fill(condition(page, 0), "status", "Approved");
  await addCondition(page).click();
  await fill(condition(page, 1), "status", "Rej");
  await condition(page, 1).getByRole("button", { name: "Operator" }).click();
  await page.getByRole("option", { name: "begins with" }).click();
  await expect(settings(page).getByText(`After saving: ${SENTENCE}`)).toBeVisible();
  await save(page).click();
  await expect(stored(page, SENTENCE)).toBeVisible();
  await expect(settings(page).getByText("After saving:")).toHaveCount(0);
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    changed: ["status", "customer.country"],
    where: { status: ["Approved", { prefix: "Rej" }] },
  });
  await expect(page.getByRole("row", { name: /Changed attributes: all → status/ })).toContainText(
    "Conditions: none → status is Approved or begins with Rej",
  );

  await page.reload();
  await expect(stored(page, SENTENCE)).toBeVisible();
  await expect(settings(page).getByRole("button", { name: "Remove customer.country" })).toBeVisible();
  await expect(condition(page, 1).getByRole("textbox", { name: "Value" })).toHaveValue("Rej");
  await expect(condition(page, 1).getByRole("button", { name: "Operator" })).toContainText("begins with");
  await settings(page).scrollIntoViewIfNeeded();
  await screenshots(page, "endpoint-filters");
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoSidewaysScrolling(page);
  await checkA11y(page);
  await page.goto(workspace.path("endpoints?filter=customer.c"));
  const row = page.getByRole("row", { name: new RegExp(receiver.url) });
  await expect(row).toContainText("2 changed attributes");
  await expect(row).toContainText("2 conditions");
});

test("only changes that match are delivered", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await textbox(page, "Changed attributes").fill("status");
  await addCondition(page).click();
  await fill(condition(page, 0), "status", "Approved");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  const [draft, order] = [`${workspace.name}-draft`, `${workspace.name}-order`];
  await workspace.putInstance(draft, "Order", { status: "Draft" });
  await workspace.putInstance(order, "Order", { status: "Draft" });
  await workspace.putInstance(order, "Order", { status: "Approved" });
  await workspace.putInstance(order, "Order", { status: "Approved", total: "2" });
  await workspace.deleteInstance(draft);
  await workspace.deleteInstance(order);
  await expect
    .poll(() => receiver.requests.map(({ eventType }) => eventType))
    .toEqual(["updated", "deleted"]);
  expect(instances(receiver)).toEqual([order, order]);
});

test("conditions are set and removed by keyboard", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await textbox(page, "Processes").focus();
  await tabTo(page, textbox(page, "Changed attributes"));
  await page.keyboard.type("status");
  await page.keyboard.press("Enter");
  await expect(settings(page).getByRole("button", { name: "Remove status" })).toBeVisible();
  await pressOn(page, addCondition(page));
  for (const key of ["a", "Tab", "Enter", "ArrowDown", "Enter", "Tab", "1"]) {
    await page.keyboard.press(key);
  }
  await pressOn(page, addCondition(page));
  for (const key of ["b", "Tab", "Tab", "2"]) {
    await page.keyboard.press(key);
  }
  await pressOn(page, settings(page).getByRole("button", { name: "Remove b is 2" }));
  await expect(settings(page).getByRole("button", { name: "Remove a begins with 1" })).toBeFocused();
  await pressOn(page, save(page));
  await expect(page.getByText("Settings saved")).toBeVisible();
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    changed: ["status"],
    where: { a: [{ prefix: "1" }] },
  });
  await settings(page).getByRole("button", { name: "Remove a begins with 1" }).press("Enter");
  await expect(addCondition(page)).toBeFocused();
  await pressOn(page, save(page));
  await expect
    .poll(async () => (await endpointOf(workspace, receiver.url)).settings)
    .toMatchObject({ changed: ["status"], where: {} });
});

test("errors stand at their fields, and nothing that was typed is lost", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const path = textbox(page, "Changed attributes");
  await path.fill("customer..country");
  await save(page).click();
  const emptyName = 'The path "customer..country" has an empty name';
  await expect(settings(page).getByText(emptyName)).toBeVisible();
  await expect(path).toHaveAttribute("aria-invalid", "true");
  await expect(path).toHaveValue("customer..country");
  await path.fill("customer.country");
  await expect(settings(page).getByText(emptyName)).toHaveCount(0);

  await addCondition(page).click();
  await fill(condition(page, 0), "status", "Approved");
  await addCondition(page).click();
  await fill(condition(page, 1), "status", "");
  await save(page).click();
  const value = condition(page, 1).getByRole("textbox", { name: "Value" });
  await expect(condition(page, 1).getByText("Enter a value, or remove the condition.")).toBeVisible();
  await expect(value).toHaveAttribute("aria-invalid", "true");
  await value.fill("x".repeat(256));
  await save(page).click();
  await expect(
    condition(page, 1).getByText("The text has 256 characters; at most 255 are allowed"),
  ).toBeVisible();
  await expect(value).toHaveAttribute("aria-invalid", "true");
  await expect(condition(page, 0).getByRole("textbox", { name: "Value" })).not.toHaveAttribute(
    "aria-invalid",
  );
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoSidewaysScrolling(page);
  await checkA11y(page);
  await value.fill("Done");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    changed: ["customer.country"],
    where: { status: ["Approved", "Done"] },
  });
});
