import { endpointOf, open, save, settings } from "./support/endpoint-page";
import { pressOn, tabTo } from "./support/keyboard";
import { checkA11y, expect, expectNoSidewaysScrolling, type Page, screenshots, test } from "./support/test";

const VALUE = "Bearer only-the-receiver-knows";

const latestOnly = (page: Page) =>
  settings(page).getByRole("radio", { name: "Send only the latest update of each instance" });

const addHeader = (page: Page) => settings(page).getByRole("button", { name: "Add secret header" });

/** Returns the row of a secret header, whose value has no role: it is a password. */
const header = (page: Page, index: number) =>
  settings(page)
    .getByRole("group")
    .filter({ has: page.getByRole("textbox", { name: /Header$/ }) })
    .nth(index);

const nameOf = (page: Page, index: number) => header(page, index).getByRole("textbox", { name: /Header$/ });

const passwordOf = (page: Page, index: number) => header(page, index).locator("input[type=password]");

test("the latest only and a secret header are set by keyboard, and the value is never shown", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await settings(page).getByRole("textbox", { name: "Rate limit (calls per second)" }).focus();
  await tabTo(page, settings(page).getByRole("radio", { name: "Send every event" }));
  await page.keyboard.press("ArrowDown");
  await expect(latestOnly(page)).toBeChecked();
  await pressOn(page, addHeader(page));
  await expect(nameOf(page, 0)).toBeFocused();
  await page.keyboard.type("Authorization");
  await page.keyboard.press("Tab");
  await page.keyboard.type(VALUE);
  await expect(passwordOf(page, 0)).toHaveValue(VALUE);
  await expect(passwordOf(page, 0)).toHaveAttribute("autocomplete", "new-password");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Settings saved")).toBeVisible();
  await expect(settings(page).getByRole("button", { name: "Replace authorization" })).toBeVisible();
  await expect(passwordOf(page, 0)).toHaveCount(0);
  await expect(page.getByRole("row", { name: /Secret header authorization: set/ })).toContainText(
    "While events wait: every event → latest only",
  );
  expect(await page.content()).not.toContain(VALUE);
  expect((await endpointOf(workspace, receiver.url)).settings).toMatchObject({
    onBacklog: "latest",
    secretHeaders: [{ name: "authorization" }],
  });
  await workspace.putInstance(`${workspace.name}-1`);
  await expect.poll(() => receiver.requests.length).toBe(1);
  await expect(page.getByRole("link", { name: `${workspace.name}-1` })).toBeVisible();

  await page.reload();
  await expect(nameOf(page, 0)).toHaveValue("authorization");
  await expect(header(page, 0)).toContainText(/Set \d+ \w+/);
  await expect(latestOnly(page)).toBeChecked();
  expect(await page.content()).not.toContain(VALUE);
  expect(await page.locator("body").innerText()).not.toContain(VALUE);
  expect(page.url()).not.toContain("Bearer");
  await header(page, 0).scrollIntoViewIfNeeded();
  await screenshots(page, "endpoint-latest");
  await page.goto(workspace.path("endpoints"));
  await expect(page.getByRole("row", { name: new RegExp(receiver.url) })).toContainText("Latest only");
});

test("a secret header is replaced and removed by keyboard", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const { endpointID } = await endpointOf(workspace, receiver.url);
  const stored = async () => (await endpointOf(workspace, receiver.url)).settings.secretHeaders;
  const secretHeaders = { authorization: VALUE, "x-key": VALUE };
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { secretHeaders });
  const [authorization, key] = await stored();
  await open(page, workspace, receiver.url);
  await pressOn(page, settings(page).getByRole("button", { name: "Replace authorization" }));
  await expect(passwordOf(page, 0)).toBeFocused();
  await page.keyboard.type("Bearer another");
  await pressOn(page, save(page));
  await expect(page.getByRole("row", { name: /Secret header authorization: new value/ })).toBeVisible();
  const [replaced, kept] = await stored();
  expect(kept).toEqual(key);
  expect(replaced.changedAt).not.toBe(authorization.changedAt);
  await expect(settings(page).getByRole("button", { name: "Replace authorization" })).toBeVisible();

  await settings(page).getByRole("button", { name: "Remove x-key" }).press("Enter");
  await expect(settings(page).getByRole("button", { name: "Remove authorization" })).toBeFocused();
  expect(await stored(), "nothing is removed before it is saved").toHaveLength(2);
  await pressOn(page, save(page));
  await expect(page.getByRole("row", { name: /Secret header x-key: removed/ })).toBeVisible();
  expect(await stored()).toEqual([replaced]);
});

test("a header that is not allowed has its error at the field, and nothing that was typed is lost", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await open(page, workspace, receiver.url);
  await addHeader(page).click();
  await nameOf(page, 0).fill("host");
  await save(page).click();
  await expect(header(page, 0).getByText("Enter a value, or remove the header.")).toBeVisible();
  await passwordOf(page, 0).fill(VALUE);
  await save(page).click();
  await expect(header(page, 0).getByText('"host" is not allowed, because')).toBeVisible();
  await expect(nameOf(page, 0)).toHaveAttribute("aria-invalid", "true");
  await expect(passwordOf(page, 0)).not.toHaveAttribute("aria-invalid");
  await expect(passwordOf(page, 0)).toHaveValue(VALUE);
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoSidewaysScrolling(page);
  await checkA11y(page);
  await nameOf(page, 0).fill("x-key");
  await passwordOf(page, 0).fill("a\u00e4");
  await save(page).click();
  await expect(header(page, 0).getByText("Character 2 of the value is not allowed")).toBeVisible();
  await expect(passwordOf(page, 0)).toHaveAttribute("aria-invalid", "true");
  await passwordOf(page, 0).fill(VALUE);
  await save(page).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await expect(settings(page).getByRole("button", { name: "Replace x-key" })).toBeVisible();
  await checkA11y(page);
});

test("superseded updates are in the log with their filter, and say why they were not sent", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  const { endpointID } = await endpointOf(workspace, receiver.url);
  const change = (body: object) => workspace.call("PATCH", `/endpoints/${endpointID}`, body);
  const pending = async () => (await endpointOf(workspace, receiver.url)).backlog.pending;
  await workspace.putInstance(workspace.name, "Order", { total: "0" });
  await expect.poll(() => receiver.requests.length).toBe(1);
  await change({ paused: true, onBacklog: "latest" });
  for (const total of ["1", "2", "3"]) {
    await workspace.putInstance(workspace.name, "Order", { total });
  }
  await expect.poll(pending).toBe(3);
  await change({ paused: false });
  await expect.poll(pending).toBe(0);
  expect(receiver.requests.map(({ eventType }) => eventType)).toEqual(["created", "updated"]);

  await page.goto(workspace.path("deliveries?status=superseded"));
  await expect(page.getByText("Status = Superseded")).toBeVisible();
  const rows = page.getByRole("row").filter({ hasText: workspace.name });
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("Superseded");
  await screenshots(page, "deliveries-superseded");
  await rows.first().getByRole("link").click();
  await expect(
    page.getByText("Not sent: a later change of this instance was waiting too, and the endpoint asks"),
  ).toBeVisible();
  await page.getByRole("button", { name: "Replay", exact: true }).last().click();
  await expect.poll(() => receiver.requests.length).toBe(3);
  await page.goto(workspace.path(`endpoints/${endpointID}`));
  await expect(page.getByRole("term").filter({ hasText: "Superseded" })).toBeVisible();
});
