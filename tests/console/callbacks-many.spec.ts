import { Dialog } from "./support/dialog";
import { checkA11y, expect, expectNoSidewaysScrolling, Program, screenshots, test } from "./support/test";
import { WAIT_TIMEOUT_MS } from "./support/timeouts";

const HOUR_MS = 3_600_000;

/** URLs of 300 characters, on a port where nothing listens. */
const longUrls = (count: number) =>
  Array.from({ length: count }, (_, index) => `http://127.0.0.1:9/${index}/`.padEnd(300, "x"));

test("150 URLs of 300 characters take less than 1,500 pixels", async ({ page, workspace }) => {
  await workspace.setCallbackUrls(...longUrls(50));
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  for (const eventType of ["created", "updated", "deleted"] as const) {
    await expect(dialog.lines(eventType)).toHaveCount(50);
  }
  const height = async () => {
    const boxes = await Promise.all([
      dialog.toggle("created").boundingBox(),
      dialog.button("OK").boundingBox(),
    ]);
    return (boxes[1]?.y ?? 0) + (boxes[1]?.height ?? 0) - (boxes[0]?.y ?? 0);
  };
  await page.setViewportSize({ width: 1440, height: 3_000 });
  await expect.poll(height).toBeLessThan(1_500);
  expect(await height(), "it is measured at all").toBeGreaterThan(500);
  await checkA11y(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await screenshots(page, "callbacks-many");
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoSidewaysScrolling(page);

  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog.button("Created: 50 URLs").click();
  await expect(dialog.urls("created")).toBeHidden();
  await expect(dialog.button("Created: 50 URLs")).toHaveAttribute("aria-expanded", "false");
});

test("a rejected line is scrolled into view, in a collapsed list too", async ({ page, workspace }) => {
  const urls = longUrls(50);
  urls[48] = "http://169.254.169.254/";
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set("updated", urls.join("\n"));
  await dialog.button("Updated: 50 URLs").click();
  await expect(dialog.urls("updated")).toBeHidden();
  await dialog.ok();
  await expect(dialog.urls("updated")).toBeFocused();
  await expect(dialog.urls("updated")).toHaveAccessibleDescription(/^Line 49: .*may not be called/);
  await expect(dialog.lines("updated").nth(48).getByRole("button")).toBeInViewport();
});

test("a repeated line says so, and a wrong one does before OK", async ({ page, workspace, receiver }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("created").fill(`${receiver.url}/a\nhtp://b\n${receiver.url}/a`);
  await dialog.urls("updated").focus();
  const results = dialog.lines("created").getByRole("status");
  await expect(results).toHaveText([
    "",
    "A callback URL begins with http:// or https://",
    "The same URL as line 1; it is saved and called once",
  ]);
  await expect(dialog.button("Created: 2 URLs")).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "callbacks-lines");
});

test("the first URL of an unused event type enables it", async ({ page, workspace, receiver }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("created").fill(receiver.url);
  await expect(dialog.toggle("created")).toBeChecked();
  await expect(dialog.toggle("updated")).not.toBeChecked();
  await dialog.toggle("created").uncheck();
  await expect(
    dialog.root.getByText("Created callbacks are off: this URL is kept, but not called."),
  ).toBeVisible();
  await checkA11y(page);
  await dialog.root.getByRole("button", { name: "Turn on" }).click();
  await expect(dialog.toggle("created")).toBeChecked();
  await expect(dialog.root.getByText("callbacks are off")).toHaveCount(0);
});

test("saved URLs that are all off warn, and can be turned on from the notice", async ({
  page,
  workspace,
  receiver,
}) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("created").fill(receiver.url);
  await dialog.toggle("created").uncheck();
  await dialog.ok();
  await dialog.isClosed();
  await expect(page.getByText("All callbacks are off: no URL is called")).toBeVisible();
  expect((await workspace.call("GET", "/callbacks")).created.enabled).toBe(false);
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("On: created (1 URL). Off: updated and deleted.")).toBeVisible();
  const { created, updated } = await workspace.call("GET", "/callbacks");
  expect([created.enabled, updated.enabled]).toEqual([true, false]);
});

test("Test all calls each URL once and shows each result", async ({ page, workspace, receiver }) => {
  receiver.respondWith(({ target }, response) =>
    response.writeHead(target.startsWith("/bad") ? 500 : 204).end(),
  );
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  const { url } = receiver;
  // The third repeats the first, only the API knows what is wrong with the fourth, the fifth is no URL.
  await dialog
    .urls("created")
    .fill(`${url}/a\n${url}/bad\n${url}/a\nhttp://169.254.169.254/\nnonsense\n${url}/b`);
  await dialog.button("Test all URLs of created callbacks").click();
  const results = dialog.lines("created").getByRole("status");
  await expect(results.nth(5)).toHaveText(/^204 in/);
  await expect(results.nth(0)).toHaveText(/^204 in/);
  await expect(results.nth(1)).toHaveText(/^500 in/);
  await expect(results.nth(2)).toHaveText(/^The same URL as line 1/);
  await expect(results.nth(3)).toHaveText(/^Not called/);
  await expect(results.nth(4)).toHaveText(/^A callback URL begins/);
  await expect(dialog.urls("created")).toHaveAccessibleDescription(/Line 2: 500 in .*Line 4: Not called/s);
  expect(receiver.requests.map(({ target }) => target.split("?")[0]).sort()).toEqual(["/a", "/b", "/bad"]);
  await checkA11y(page);
  await screenshots(page, "callbacks-tested");
});

test.describe("with one test call a minute", () => {
  let program: Program;
  test.beforeAll(async () => {
    program = await Program.start({ TEST_CALLS_PER_MINUTE: "1" });
  });
  test.afterAll(() => program.stop());

  test("Test all waits for the limit, and continues", async ({ page, workspace, receiver }) => {
    await page.clock.install();
    const dialog = await Dialog.open(page, program.url + workspace.path("callbacks/edit"));
    await dialog.urls("created").fill(`${receiver.url}/a\n${receiver.url}/b`);
    await dialog.urls("updated").fill(`${receiver.url}/c\n${receiver.url}/d`);
    await dialog.button("Test all URLs of created callbacks").click();
    await expect(dialog.lines("created").getByRole("status")).toHaveText([/^200 in/, /^200 in/]);
    // The page is told to wait for an hour of its own clock, so that no minute of the program's ends a wait meanwhile.
    await page.route("**/callbacks/updated/test", async (route) => {
      const response = await route.fetch({ timeout: WAIT_TIMEOUT_MS });
      const headers = response.headers();
      if (response.status() === 429) {
        expect(Number(headers["retry-after"]), "the rest of the minute").toBeLessThanOrEqual(60);
        headers["retry-after"] = String(HOUR_MS / 1_000);
      }
      await route.fulfill({ response, headers });
    });
    const waiting = dialog.root.getByText(
      /The limit of test calls per minute is reached\. Continues in \d+ s/,
    );
    const results = dialog.lines("updated").getByRole("status");
    const testUntilLimited = async () => {
      // The minute may end in between: then this call is not limited, and the next one is.
      await expect(async () => {
        const answered = page.waitForResponse("**/callbacks/updated/test");
        await dialog.button("Test all URLs of updated callbacks").click();
        expect((await answered).status()).toBe(429);
      }).toPass();
      await expect(waiting).toBeVisible();
    };
    await testUntilLimited();
    await checkA11y(page);
    await expect(results.filter({ hasText: /^200 in/ })).toHaveCount(0);
    // It is limited again until the program's minute ends.
    await expect(async () => {
      await page.clock.fastForward(HOUR_MS);
      await expect(results).toHaveText([/^200 in/, /^200 in/], { timeout: 1_000 });
    }).toPass();
    await expect(waiting).toHaveCount(0);

    await testUntilLimited();
    const before = receiver.requests.length;
    await dialog.button("Stop the tests of updated callbacks").click();
    await expect(waiting).toHaveCount(0);
    await expect(dialog.button("Test all URLs of updated callbacks")).toBeVisible();
    expect(receiver.requests).toHaveLength(before);
  });
});
