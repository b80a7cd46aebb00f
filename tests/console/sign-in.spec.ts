import { Issuer } from "./support/issuer";
import { removeRoutes } from "./support/routes";
import { test as base, checkA11y, expect, type Page, Program, screenshot } from "./support/test";

const test = base.extend<object, { issuer: Issuer }>({
  issuer: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const issuer = await Issuer.start();
      await use(issuer);
      await issuer.stop();
    },
    { scope: "worker" },
  ],
  program: [
    async ({ issuer }, use) => {
      const claims = { GROUPS_CLAIM: "groups", WORKSPACE_CLAIM: "workspace" };
      const flags = ["--issuer", issuer.url, "--audience", Issuer.clientId, "--client-id", Issuer.clientId];
      const program = await Program.start(claims, flags);
      issuer.registerConsole(program.url);
      await use(program);
      await program.stop();
    },
    { scope: "worker" },
  ],
});

/** Fills in the pages of the provider. */
async function signIn(page: Page, name: string) {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("a sign-in returns to the requested view, with access to the API", async ({ page }) => {
  await page.goto("/workspaces/team-a/endpoints");
  await signIn(page, "ada");
  await expect(page).toHaveURL(/\/workspaces\/team-a\/endpoints$/);
  await expect(page.getByRole("button", { name: "ada" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Signing" })).toBeVisible();
  // The view "Try it" exists only without sign-in.
  await expect(page.getByRole("link", { name: "Try it" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("button", { name: "ada" }), "a reload keeps the session").toBeVisible();
});

test("the frame is shown to users who are signed in, and to no others", async ({ page }) => {
  const isProgram = (url: URL) => /^\/assets\/(?!early-).*\.js$/.test(url.pathname);
  await page.route(isProgram, (route) => route.abort());
  await page.goto("/workspaces/team-a/endpoints");
  await expect(page.locator("#root")).toBeAttached();
  await expect(page.locator("#frame")).toHaveCount(0);
  await removeRoutes(page);
  await page.reload();
  await signIn(page, "ada");
  await expect(page.getByRole("button", { name: "ada" })).toBeVisible();
  await page.route(isProgram, (route) => route.abort());
  await page.reload();
  const frame = page.locator("#frame");
  await expect(frame.getByRole("heading", { level: 1 })).toHaveText("Endpoints");
  await expect(frame.getByRole("link", { name: "Signing" })).toBeVisible();
  await expect(frame.getByText("Try it")).toHaveCount(0);
  // Without the early script no user is known to be signed in.
  await page.route(/\/assets\/early-/, (route) => route.abort());
  await page.reload();
  await expect(frame).toBeHidden();
});

test("a token stays in the tab: not in cookies or local storage", async ({ page, context }) => {
  await page.goto("/workspaces/team-a/endpoints");
  await signIn(page, "ada");
  await expect(page.getByRole("button", { name: "ada" })).toBeVisible();
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie);
  expect(kept).not.toContain("token");
  // The state of the sign-in has been removed: its verifier and the requested view.
  const session = () =>
    page.evaluate(() => JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage }));
  await expect.poll(session).not.toContain("code_verifier");
  await expect.poll(session).not.toContain("/workspaces/team-a/endpoints");
  const cookies = (await context.cookies(page.url())).filter(({ httpOnly }) => !httpOnly);
  expect(cookies.filter(({ name }) => !name.startsWith("_"))).toEqual([]);
  const other = await context.newPage();
  await other.goto("about:blank");
  await other.goto(new URL("/workspaces/team-a/endpoints", page.url()).href);
  // The session at the issuer signs in again without a form.
  await expect(other.getByRole("button", { name: "ada" })).toBeVisible();
});

test("a signed-out user stays signed out until the next sign-in", async ({ page }) => {
  await page.goto("/workspaces/team-a/endpoints");
  await signIn(page, "ada");
  await page.getByRole("button", { name: "ada" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Yes, sign me out" }).click(); // confirmation page of the provider
  await expect(page.getByText("You have signed out")).toBeVisible();
  await checkA11y(page);
  await page.reload();
  await expect(page.getByText("You have signed out")).toBeVisible();
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByPlaceholder("Enter any login")).toBeVisible();
});

test("a user without a role is told so and sees no view", async ({ page }) => {
  await page.goto("/workspaces/team-a/callbacks/edit");
  await signIn(page, "no-role");
  await expect(page.getByText("You are signed in as no-role, but have no role")).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await checkA11y(page);
  await screenshot(page, "no-role");
});

test("a user with a role elsewhere gets a link to it", async ({ page }) => {
  await page.goto("/workspaces/team-b/endpoints");
  await signIn(page, "ada");
  await expect(page.getByText("You have no role in the workspace team-b")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("link", { name: "team-a" }).click();
  await expect(page).toHaveURL(/\/workspaces\/team-a$/);
});

test("an operator without a workspace sees all, and opens none", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "olga");
  await expect(page.getByRole("heading", { level: 1, name: "All workspaces" })).toBeVisible();
  await expect(page).toHaveURL(/\/workspaces$/);
  await expect(page.getByRole("link", { name: "Signing" })).toHaveCount(0);
  await checkA11y(page);
  await page.goto("/workspaces/team-a/callbacks");
  await expect(page.getByText("You have no role in the workspace team-a")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("link", { name: "All workspaces" }).click();
  await expect(page).toHaveURL(/\/workspaces$/);
});

test("one who is no operator has no list of all workspaces", async ({ page }) => {
  await page.goto("/workspaces");
  await signIn(page, "ada");
  await expect(page).toHaveURL(/\/workspaces\/team-a$/);
  await page.getByRole("button", { name: "Workspace team-a" }).click();
  await expect(page.getByRole("menuitem", { name: "team-a" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "All workspaces" })).toHaveCount(0);
});

test("an unreachable issuer is named, and can be retried", async ({ page, issuer }) => {
  await page.route(`${issuer.url}/.well-known/**`, (route) => route.abort());
  await page.goto("/workspaces/team-a/endpoints");
  await expect(page.getByText("Sign-in failed")).toBeVisible();
  await expect(page.getByText(issuer.url)).toBeVisible();
  await removeRoutes(page);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByPlaceholder("Enter any login")).toBeVisible();
});
