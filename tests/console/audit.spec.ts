import { readFile } from "node:fs/promises";
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
  const path = `/endpoints/${endpointID}/signing-secret/rotate`;
  const ofOne = await workspace.call("POST", path, { overlapSeconds: 0 });
  await page.goto(workspace.path("audit"));

  const one = `https://one.example/hook?token=… (${endpointID.slice(0, 8)})`;
  const rows = table(page).getByRole("row");
  await expect(rows).toHaveCount(8);
  await expect(rows.nth(1), "the newest is first").toContainText(
    `${one} ${ofOne.fingerprint} is the new secret`,
  );
  await expect(rows.nth(2)).toContainText(`${second.fingerprint} revoked`);
  await expect(rows.nth(2)).toContainText(`${first.fingerprint} revoked`);
  await expect(rows.nth(3)).toContainText("Rotated a signing secret");
  await expect(rows.nth(3)).toContainText(`${first.fingerprint} valid until`);
  await expect(rows.nth(4)).toContainText("Created the signing secrets");
  await expect(rows.nth(5)).toContainText(`${one} paused`);
  await expect(rows.nth(5)).toContainText(`${one} rate limit: none → 5 per second`);
  await expect(rows.nth(6)).toContainText("Updated callback URLs");
  await expect(rows.nth(6)).toContainText("created turned off");
  await expect(rows.nth(6)).toContainText("+https://two.example/ added to created");
  await expect(rows.nth(7)).toContainText(`${one} added to created, updated and deleted`);
  await expect(rows.nth(7)).toContainText("local administrator");
  await expect(page.getByText(/SECRET/), "the values of a URL's query are left out").toHaveCount(0);
  await checkA11y(page);
  await screenshots(page, "audit");

  await rows
    .nth(6)
    .getByRole("button", { name: /^Show JSON/ })
    .click();
  await expect(rows.nth(6).getByText('"origin": "https://two.example"')).toBeVisible();
});

test("a replaced URL is shown with the one before, and its history outlives it", async ({
  page,
  workspace,
}) => {
  await workspace.setCallbackUrls("https://one.example/v1?token=a", "https://two.example/");
  await workspace.call("PUT", "/callbacks/created", {
    enabled: true,
    urls: ["https://one.example/v2?token=b", "https://two.example/"],
  });
  await workspace.call("PUT", "/callbacks/created", { enabled: true, urls: ["https://two.example/"] });
  await page.goto(workspace.path("audit"));
  await expect(entry(page, "replaced in created by")).toContainText(
    /−https:\/\/one\.example\/v1\?token=… \(\w{8}\) replaced in created by\+https:\/\/one\.example\/v2\?token=…/,
  );
  await entry(page, "removed from created")
    .getByRole("link", { name: /one\.example\/v2/ })
    .click();
  await expect(page).toHaveURL(/\?endpointID=[0-9a-f]{32}$/);
  await expect(page.getByText("This URL is no longer configured.")).toBeVisible();
  await expect(table(page).getByRole("row"), "added by the replacement, and removed").toHaveCount(3);
  await checkA11y(page);

  await page
    .getByRole("link", { name: /one\.example\/v1/ })
    .first()
    .click();
  await page.getByRole("link", { name: "View the endpoint" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("one.example/v1");
});

test("the filters are in the address, and new entries appear", async ({ page, workspace }) => {
  await workspace.setCallbackUrls("https://one.example/");
  await workspace.call("POST", "/signing-secret/rotate"); // creates the first secret
  await workspace.call("POST", "/signing-secret/rotate");
  await page.goto(workspace.path("audit"));
  const filter = page.getByRole("combobox", { name: "Find changes" });
  await filter.click();
  await page.getByRole("option", { name: "Setting" }).click();
  await page.getByRole("option", { name: "Callback URLs" }).click();
  await expect(page).toHaveURL(/\?subject=callbacks$/);
  await expect(table(page).getByRole("row")).toHaveCount(2);
  await expect(entry(page, "Updated callback URLs")).toBeVisible();

  await page.reload();
  await expect(table(page).getByRole("row")).toHaveCount(2);
  await workspace.call("DELETE", "/callbacks");
  await expect(entry(page, "Reset callback URLs")).toBeVisible();

  await page.goto(workspace.path("audit?subject=callbacks&callerID=another"));
  await expect(page.getByText("No entry matches")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await expect(entry(page, "Rotated")).toBeVisible();
  await expect(page).toHaveURL(/\/audit$/);
  await page.goto(workspace.path("audit?since=2020-01-01T00:00:00Z&until=2020-02-01T00:00:00Z"));
  await expect(page.getByText("No entry matches")).toBeVisible();
  await page.goto(workspace.path("audit?subject=nonsense"));
  await expect(page.getByText(/The parameter subject/).first()).toBeVisible();
});

test("the export has every entry that the filter matches", async ({ page, workspace }) => {
  for (let n = 0; n < 51; n += 1) {
    await workspace.call("PUT", "/callbacks/created", { enabled: n % 2 === 0, urls: [] });
  }
  await workspace.call("POST", "/signing-secret/rotate");
  await page.goto(workspace.path("audit?subject=callbacks"));
  await expect(table(page).getByRole("row"), "one page").toHaveCount(51);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe(`audit-${workspace.name}.csv`);
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  expect(lines.length, "the header and all entries").toBe(52);
  expect(lines[0]).toBe("Time,Caller ID,Caller,Action,Event types,Change,URL before,URL,Entry ID");
  expect(lines[1]).toContain(",local,local administrator,Updated callback URLs,created,turned on,,,");
  await expect(page.getByText("Exported 51 entries")).toBeVisible();
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
  await expect(entry(page, "https://the-first.example/ added to created, updated and deleted")).toBeVisible();
  await expect(more).toHaveCount(0);
});

test("an empty audit shows the next step", async ({ page, workspace }) => {
  await page.goto(workspace.path("audit"));
  await expect(page.getByText("No changes yet")).toBeVisible();
  await checkA11y(page);
  await page.getByRole("link", { name: "Set callback URLs" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks/edit")}$`));
});
