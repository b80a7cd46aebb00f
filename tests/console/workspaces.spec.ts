import { checkA11y, expect, expectProgram, type Page, screenshot, screenshots, test } from "./support/test";

const menu = (page: Page, name: string) => page.getByRole("button", { name: `Workspace ${name}` });
const dialog = (page: Page) => page.getByRole("dialog", { name: "Another workspace" });

async function choose(page: Page, current: string, name: string) {
  await menu(page, current).click();
  await page.getByRole("menuitem", { name: "Another workspace…" }).click();
  await expect(dialog(page).getByRole("textbox", { name: "Workspace" })).toBeFocused();
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
}

test("the menu offers recent workspaces of this browser", async ({ page, program, workspace }) => {
  const other = `${workspace.name}-other`;
  await program.call("PUT", `/v1/workspaces/${other}/callbacks/created`, { enabled: true, urls: [] });
  await page.goto(workspace.path());
  await choose(page, workspace.name, other);
  await expect(menu(page, other)).toBeVisible();
  await expect(dialog(page)).toBeHidden();

  await menu(page, other).click();
  await screenshot(page, "workspaces");
  await page.getByRole("menuitem", { name: workspace.name, exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path()}$`));
  await page.goto("/");
  await expect(page, "the latest one is opened").toHaveURL(new RegExp(`${workspace.path()}$`));
});

test("a mistyped workspace is hinted at, and nothing is written", async ({ page, program, workspace }) => {
  const typo = `${workspace.name}-typo`;
  await page.goto(workspace.path());
  await choose(page, workspace.name, typo);
  await expect(dialog(page).getByText("No callbacks or deliveries in this workspace yet")).toBeVisible();
  await expect(menu(page, workspace.name), "still here").toHaveCount(1);
  await checkA11y(page);
  await screenshots(page, "workspace-typo");
  await dialog(page).getByRole("button", { name: "Open anyway" }).click();
  await expect(menu(page, typo)).toBeVisible();
  for (const view of ["callbacks", "deliveries", "endpoints", "signing", "audit", "try-it"]) {
    await page.goto(`/workspaces/${typo}/${view}`);
    await expectProgram(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  expect((await program.call("GET", `/v1/workspaces/${typo}/audit`)).entries).toEqual([]);
});
