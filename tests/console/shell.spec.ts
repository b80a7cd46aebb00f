import { Dialog } from "./support/dialog";
import { removeRoutes } from "./support/routes";
import { checkA11y, expect, expectProgram, type Page, screenshot, test } from "./support/test";

const VIEWS = [
  ["", "Overview"],
  ["callbacks", "Instance Callback URLs"],
  ["deliveries", "Deliveries"],
  ["endpoints", "Endpoints"],
  ["signing", "Signing"],
  ["audit", "Audit"],
  ["try-it", "Try it"],
] as const;

const colour = (page: Page) =>
  page.getByRole("heading", { level: 1 }).evaluate((heading) => getComputedStyle(heading).color);

test("every view has an address, a title and a navigation link", async ({ page, workspace }) => {
  await page.goto(workspace.path());
  for (const [view, name] of VIEWS) {
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`${workspace.path(view)}$`));
    await expect(page).toHaveTitle(`${name} – Instance Webhooks`);
    await expectProgram(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(new RegExp(`^${name}`));
    await page.reload();
    await expectProgram(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(new RegExp(`^${name}`));
  }
});

test("the root address opens the last workspace", async ({ page, workspace }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/workspaces\/default$/);
  await page.getByRole("button", { name: "Workspace default" }).click();
  await page.getByRole("menuitem", { name: "Another workspace…" }).click();
  // The field has the focus, and Enter without a name neither opens nor closes anything.
  const field = page.getByRole("textbox", { name: "Workspace" });
  await expect(field).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.type(workspace.name);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Open anyway" }).click();
  await expect(page.getByRole("button", { name: `Workspace ${workspace.name}` })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`${workspace.path()}$`));
  await page.goto("/");
  await expect(page).toHaveURL(new RegExp(`${workspace.path()}$`));
});

test("the theme follows the system until one is chosen, and the choice is kept", async ({
  page,
  workspace,
}) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(workspace.path("audit"));
  await expectProgram(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const light = await colour(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(() => colour(page)).not.toBe(light);
  const dark = await colour(page);
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Light" }).click();
  await expect.poll(() => colour(page)).toBe(light);
  await page.reload();
  await expectProgram(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect.poll(() => colour(page), "the choice, though the system is dark").toBe(light);
  expect(dark).not.toBe(light);
});

test("an unknown address says so and links to the overview", async ({ page, workspace }) => {
  await page.goto(workspace.path("nowhere"));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
  await checkA11y(page);
  await page.getByRole("link", { name: "Go to Overview" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path()}$`));
});

test("an unreachable service is reported, and retried automatically", async ({ page, workspace }) => {
  await page.goto(workspace.path("audit"));
  await expectProgram(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.route("**/v1/**", (route) => route.abort());
  await page.getByRole("navigation").getByRole("link", { name: "Endpoints", exact: true }).click();
  await expect(page.getByText("The service cannot be reached")).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await checkA11y(page);
  await screenshot(page, "unreachable");
  await removeRoutes(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Endpoints/);
  await expect(page.getByText("The service cannot be reached")).toHaveCount(0);
});

test("every view has a help panel", async ({ page, workspace }) => {
  for (const [view, name] of VIEWS) {
    await page.goto(workspace.path(view));
    await expectProgram(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page
      .getByRole("button", { name: /help panel|Open panel|tools/i })
      .first()
      .press("Enter");
    const help = page.getByRole("complementary").filter({ has: page.getByRole("heading", { name }) });
    await expect(help).toContainText(/\w+ \w+ \w+/);
  }
});

test("the first stop of the keyboard leads to the content", async ({ page, workspace }) => {
  await page.goto(workspace.path("audit"));
  await expect(page.getByText("No changes yet")).toBeVisible();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await checkA11y(page);
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("audit")}$`));
  await page.keyboard.press("Tab");
  await expect(page.getByRole("main").locator(":focus")).toHaveCount(1);
});

test("notices of success go after a while, warnings stay", async ({ page, workspace, receiver }) => {
  await page.clock.install();
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set("created", receiver.url);
  await dialog.ok();
  await dialog.isClosed();
  const notice = page.getByText("Callback URLs saved");
  await expect(notice).toBeVisible();
  await page.clock.fastForward(30_000);
  await expect(notice).toHaveCount(0);

  await page.getByRole("link", { name: "Edit" }).click();
  await dialog.toggle("created").uncheck();
  await dialog.ok();
  await dialog.isClosed();
  await expect(notice).toBeVisible();
  await page.clock.fastForward(600_000);
  await expect(notice).toBeVisible();
});

test("the navigation is closed at first where it would take a third of the window", async ({
  page,
  workspace,
}) => {
  await page.setViewportSize({ width: 900, height: 800 });
  await page.goto(workspace.path("audit"));
  await expectProgram(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const link = page.getByRole("link", { name: "Endpoints", exact: true });
  await expect(link).toBeHidden();
  await page.getByRole("button", { name: "Open side navigation" }).click();
  await link.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Endpoints/);
});
