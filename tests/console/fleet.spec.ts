import { checkA11y, expect, type Page, screenshots, test, type Workspace } from "./support/test";

/** A path and a query that are as good as a password. */
const SECRET = "services/T0/XXXX?token=s3cret";

const row = (page: Page, workspace: Workspace) =>
  page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: workspace.name }) });

/** Opens the list as its menu does, with the workspaces whose names begin as this one's. */
async function open(page: Page, workspace: Workspace) {
  await page.goto(workspace.path());
  await page.getByRole("button", { name: `Workspace ${workspace.name}` }).click();
  await page.getByRole("menuitem", { name: "All workspaces" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "All workspaces" })).toBeVisible();
  await page
    .getByRole("searchbox", { name: "Find workspaces by the beginning of their names" })
    .fill(workspace.name);
}

/** Makes an endpoint disabled: it answers 410. */
async function disable(workspace: Workspace, instance: string) {
  await workspace.putInstance(instance);
  await expect
    .poll(async () =>
      (await workspace.call("GET", "/endpoints")).endpoints.map(({ health }: any) => health.state),
    )
    .toContain("disabled");
}

test("an operator sees which workspace needs attention, and opens it", async ({
  page,
  program,
  workspace,
  receiver,
}) => {
  receiver.respondWith(({ target }, response) =>
    response.writeHead(target.startsWith("/services") ? 410 : 200).end(),
  );
  await workspace.setCallbackUrls(`${receiver.url}/${SECRET}`, `${receiver.url}/healthy`);
  const quiet = `${workspace.name}-quiet`;
  const callback = { enabled: true, urls: [`${receiver.url}/healthy`] };
  await program.call("PUT", `/v1/workspaces/${quiet}/callbacks/created`, callback);
  await disable(workspace, `${workspace.name}-1`);

  await open(page, workspace);
  const mine = page.getByRole("row").filter({ hasText: "1 disabled" });
  await expect(page.getByRole("row")).toHaveCount(3); // the header is one
  await expect(mine).toContainText("1 healthy");
  await expect(mine).toContainText(receiver.url);
  await expect(mine).toContainText("Disabled since");
  await expect(page.locator("body")).not.toContainText("s3cret");
  await expect(page.locator("body")).not.toContainText("services/T0");
  await checkA11y(page);
  await screenshots(page, "fleet");

  await page.getByText("Needs attention", { exact: true }).first().click();
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await expect(page).toHaveURL(/show=needs-attention/);
  await page.reload();
  await expect(row(page, workspace), "the filter is in the address").toHaveCount(1);
  await page.getByRole("link", { name: workspace.name, exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path()}$`));
});

test("more workspaces are loaded on demand", async ({ page, program, workspace }) => {
  const callback = { enabled: true, urls: ["https://receiver.example/"] };
  const names = Array.from({ length: 51 }, (_, n) => `${workspace.name}-${String(n).padStart(2, "0")}`);
  await Promise.all(
    names.map((name) => program.call("PUT", `/v1/workspaces/${name}/callbacks/created`, callback)),
  );
  await page.goto(`/workspaces?prefix=${workspace.name}-`);
  await expect(page.getByRole("rowheader")).toHaveCount(50);
  await page.getByRole("button", { name: "Load more workspaces" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(51);
  await expect(page.getByRole("button", { name: "Load more workspaces" })).toHaveCount(0);
});

test("a list without a match, and a failed one, say what to do", async ({ page, workspace }) => {
  await page.goto(`/workspaces?prefix=${workspace.name}`);
  await expect(page.getByText("No workspace matches")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await expect(page).toHaveURL(/\/workspaces$/);
  await page.route("**/v1/workspaces?*", (route) => route.abort());
  await page.goto(`/workspaces?prefix=${workspace.name}`);
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await expect(page.getByText("No workspace matches")).toHaveCount(0);
});
