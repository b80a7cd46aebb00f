import { endpointOf, figure, instances, open, save, settings } from "./support/endpoint-page";
import { checkA11y, expect, test } from "./support/test";

test("an endpoint has a name, a description and a contact, which replace the URL", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await settings(page).getByRole("textbox", { name: "Name" }).fill("x".repeat(101));
  await save(page).click();
  await expect(settings(page).getByText("101 characters; at most 100 are allowed.")).toBeVisible();
  await settings(page).getByRole("textbox", { name: "Name" }).fill("Billing");
  await settings(page).getByRole("textbox", { name: "Description" }).fill("Sends invoices");
  await settings(page).getByRole("textbox", { name: "Contact" }).fill("billing@example.com");
  await save(page).click();
  await expect(page.getByRole("heading", { level: 1, name: "Billing" })).toBeVisible();
  await expect(figure(page, "Contact")).toHaveText("billing@example.com");
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    name: "Billing",
    description: "Sends invoices",
    contact: "billing@example.com",
  });
  await expect(page.getByRole("row", { name: /Name: none → Billing/ })).toContainText(
    "Contact: none → billing@example.com",
  );
  await page.goto(workspace.path("endpoints?filter=bill"));
  await expect(page.getByRole("row", { name: /Billing/ }).last()).toContainText(receiver.url);
});

test("only instances of the named processes are delivered", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const name = settings(page).getByRole("textbox", { name: "Processes" });
  await name.fill("Order");
  await name.press("Enter");
  await expect(settings(page).getByRole("button", { name: "Remove Order" })).toBeVisible();
  await name.fill("Mistake");
  await settings(page).getByRole("button", { name: "Add process" }).click();
  await settings(page).getByRole("button", { name: "Remove Mistake" }).click();
  // A name that was typed but not added is saved too.
  await name.fill("Bill of sale");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await expect(settings(page).getByRole("button", { name: "Remove Bill of sale" })).toBeVisible();
  expect((await endpointOf(workspace, receiver.url)).settings.processNames).toEqual([
    "Order",
    "Bill of sale",
  ]);

  await workspace.putInstance(`${workspace.name}-other`, "Other");
  await workspace.putInstance(`${workspace.name}-order`, "Order");
  await workspace.putInstance(`${workspace.name}-bill`, "Bill of sale");
  await expect.poll(() => instances(receiver).length).toBe(2);
  expect(instances(receiver).sort()).toEqual([`${workspace.name}-bill`, `${workspace.name}-order`]);
});

test("an invalid rate has an error at its field, a valid one is saved", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const rate = settings(page).getByRole("textbox", { name: "Rate limit (calls per second)" });
  for (const bad of ["0", "1001", "2.5", "many"]) {
    await rate.fill(bad);
    await expect(rate).not.toHaveAttribute("aria-invalid", "true");
    await save(page).click();
    await expect(settings(page).getByText("Enter a whole number from 1 to 1,000")).toBeVisible();
    await expect(rate).toHaveAttribute("aria-invalid", "true");
    await expect(rate).toHaveValue(bad);
  }
  await checkA11y(page);
  expect((await endpointOf(workspace, receiver.url)).settings.maxPerSecond).toBeNull();
  await rate.fill("25");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  expect((await endpointOf(workspace, receiver.url)).settings.maxPerSecond).toBe(25);
  await rate.fill("");
  await save(page).click();
  await expect.poll(async () => (await endpointOf(workspace, receiver.url)).settings.maxPerSecond).toBeNull();
});

test("changes by other users show at once, and the draft stays", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  const rate = settings(page).getByRole("textbox", { name: "Rate limit (calls per second)" });
  const contact = settings(page).getByRole("textbox", { name: "Contact" });
  await rate.fill("7");
  const { endpointID } = await endpointOf(workspace, receiver.url);
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { contact: "Ada", maxPerSecond: 3 });
  await expect(contact).toHaveValue("Ada");
  await expect(rate).toHaveValue("7");
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  const { settings: stored } = await endpointOf(workspace, receiver.url);
  expect(stored).toMatchObject({ contact: "Ada", maxPerSecond: 7 });
  await contact.fill("Bob");
  await settings(page).getByRole("button", { name: "Cancel" }).click();
  await expect(contact).toHaveValue("Ada");
  await expect(save(page)).toBeDisabled();
});
