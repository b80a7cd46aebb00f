import { checkA11y, expect, type Page, screenshots, test } from "./support/test";

const table = (page: Page) => page.getByRole("grid", { name: "Audit" });
const entry = (page: Page, text: string) => table(page).getByRole("row").filter({ hasText: text });

test("the audit lists changes with their callers", async ({ page, workspace }) => {
  await workspace.setCallbackUrls("https://one.example/hook?token=SECRET");
  await workspace.call("PUT", "/callbacks/created", {
    enabled: false,
    urls: ["https://one.example/hook?token=SECRET", "https://two.example/"],
  });
  const { endpoints } = await workspace.call("GET", "/endpoints");
  const { endpointID } = endpoints.find(({ url }: { url: string }) => url.startsWith("https://one"));
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: true, maxPerSecond: 5 });
  const first = await workspace.call("POST", "/signing-secret/rotate");
  const second = await workspace.call("POST", "/signing-secret/rotate", { overlapSeconds: 3600 });
  await workspace.call("POST", "/signing-secret/rotate", { overlapSeconds: 0 });
  await page.goto(workspace.path("audit"));

  const one = `https://one.example (${endpointID.slice(0, 8)})`;
  const rows = table(page).getByRole("row");
  await expect(rows).toHaveCount(7);
  await expect(rows.nth(1), "the newest is first").toContainText(`${second.fingerprint} no longer signs`);
  await expect(rows.nth(1)).toContainText(`${first.fingerprint} no longer signs`);
  await expect(rows.nth(2)).toContainText("Rotated the signing secret");
  await expect(rows.nth(2)).toContainText(`${first.fingerprint} also signs until`);
  await expect(rows.nth(3)).toContainText("Created the first signing secret");
  await expect(rows.nth(4)).toContainText(`${one} paused`);
  await expect(rows.nth(4)).toContainText(`${one} at most 5 per second, instead of no limit`);
  await expect(rows.nth(5)).toContainText("created: turned off");
  await expect(rows.nth(5)).toContainText("created: https://two.example");
  await expect(rows.nth(6)).toContainText(`deleted: ${one} added`);
  await expect(rows.nth(6)).toContainText("local administrator");
  await expect(page.getByText(/SECRET/), "URLs are redacted to scheme and host").toHaveCount(0);
  await checkA11y(page);
  await screenshots(page, "audit");

  await rows
    .nth(5)
    .getByRole("button", { name: /as JSON$/ })
    .click();
  await expect(rows.nth(5).getByText('"origin": "https://two.example"')).toBeVisible();
  await rows.nth(4).getByRole("link", { name: one }).first().click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("endpoints")}/${endpointID}$`));
});

test("the filter is in the address, and new entries appear", async ({ page, workspace }) => {
  await workspace.setCallbackUrls("https://one.example/");
  await workspace.call("POST", "/signing-secret/rotate"); // creates the first secret
  await workspace.call("POST", "/signing-secret/rotate");
  await page.goto(workspace.path("audit"));
  const filter = page.getByRole("searchbox", { name: "Filter by caller, action or change" });
  await filter.fill("one.example created");
  await expect(page.getByText("1 match", { exact: true }).first()).toBeVisible();
  await expect(entry(page, "Set callbacks")).toBeVisible();
  await expect(entry(page, "Rotated")).toHaveCount(0);
  await expect(page).toHaveURL(/\?filter=one\.example\+created$/);

  await page.reload();
  await expect(page.getByText("1 match", { exact: true }).first()).toBeVisible();
  await workspace.call("DELETE", "/callbacks");
  await expect(page.getByText("2 matches").first()).toBeVisible();
  await expect(entry(page, "Reset callbacks")).toBeVisible();

  await filter.fill("no such change");
  await expect(page.getByText("No entry matches")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await expect(entry(page, "Rotated")).toBeVisible();
  await expect(page).toHaveURL(/\/audit$/);
});

test("older entries are loaded on request", async ({ page, workspace }) => {
  await workspace.setCallbackUrls("https://the-first.example/");
  for (let n = 0; n < 51; n += 1) {
    await workspace.call("PUT", "/callbacks/created", { enabled: n % 2 === 0, urls: [] });
  }
  await page.goto(workspace.path("audit"));
  await expect(table(page).getByRole("row")).toHaveCount(51);
  const more = page.getByRole("button", { name: "Load older entries" });
  await more.click();
  await expect(table(page).getByRole("row")).toHaveCount(53);
  await expect(entry(page, "updated: https://the-first.example")).toBeVisible();
  await expect(more).toHaveCount(0);
});

test("an empty audit shows the next step", async ({ page, workspace }) => {
  await page.goto(workspace.path("audit"));
  await expect(page.getByText("No changes yet")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("link", { name: "Set callback URLs" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks/edit")}$`));
});
