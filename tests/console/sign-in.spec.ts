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

/** What the provider's own pages ask. */
async function signIn(page: Page, name: string) {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("whoever signs in comes back to the view that they asked for, and may call the API", async ({
  page,
}) => {
  await page.goto("/workspaces/team-a/endpoints");
  await signIn(page, "ada");
  await expect(page).toHaveURL(/\/workspaces\/team-a\/endpoints$/);
  await expect(page.getByRole("button", { name: "ada" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Signing" })).toBeVisible();
  // A page of another origin, or of this machine, has no part in it: no instances to play with.
  await expect(page.getByRole("link", { name: "Try it" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("button", { name: "ada" }), "a reload keeps the session").toBeVisible();
});

test("a token stays in the tab: neither in a cookie nor in what outlives it", async ({ page, context }) => {
  await page.goto("/workspaces/team-a/endpoints");
  await signIn(page, "ada");
  await expect(page.getByRole("button", { name: "ada" })).toBeVisible();
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie);
  expect(kept).not.toContain("token");
  // The verifier of the sign-in and the view that was asked for have done their duty.
  const session = await page.evaluate(
    () => JSON.stringify({ ...sessionStorage }) + JSON.stringify({ ...localStorage }),
  );
  expect(session).not.toContain("code_verifier");
  expect(session).not.toContain("/workspaces/team-a/endpoints");
  const cookies = (await context.cookies(page.url())).filter(({ httpOnly }) => !httpOnly);
  expect(cookies.filter(({ name }) => !name.startsWith("_"))).toEqual([]);
  const other = await context.newPage();
  await other.goto("about:blank");
  await other.goto(new URL("/workspaces/team-a/endpoints", page.url()).href);
  // The issuer's own session signs in again without a question.
  await expect(other.getByRole("button", { name: "ada" })).toBeVisible();
});

test("who has signed out stays so until they sign in again", async ({ page }) => {
  await page.goto("/workspaces/team-a/endpoints");
  await signIn(page, "ada");
  await page.getByRole("button", { name: "ada" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Yes, sign me out" }).click(); // the provider asks
  await expect(page.getByText("You have signed out")).toBeVisible();
  await checkA11y(page);
  await page.reload();
  await expect(page.getByText("You have signed out")).toBeVisible();
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByPlaceholder("Enter any login")).toBeVisible();
});

test("who has no role is told so, and is offered nothing", async ({ page }) => {
  await page.goto("/workspaces/team-a/callbacks/edit");
  await signIn(page, "nobody");
  await expect(page.getByText("You have signed in as nobody, but have no role here")).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await checkA11y(page);
  await screenshot(page, "no-role");
});

test("who has a role elsewhere is shown the way there", async ({ page }) => {
  await page.goto("/workspaces/team-b/endpoints");
  await signIn(page, "ada");
  await expect(page.getByText("You have no role in the workspace team-b")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("link", { name: "team-a" }).click();
  await expect(page).toHaveURL(/\/workspaces\/team-a$/);
});

test("an issuer that does not answer is named, and can be tried again", async ({ page, issuer }) => {
  await page.route(`${issuer.url}/.well-known/**`, (route) => route.abort());
  await page.goto("/workspaces/team-a/endpoints");
  await expect(page.getByText("Sign-in failed")).toBeVisible();
  await expect(page.getByText(issuer.url)).toBeVisible();
  await removeRoutes(page);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByPlaceholder("Enter any login")).toBeVisible();
});
