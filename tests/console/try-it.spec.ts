import { checkA11y, expect, type Page, screenshots, test } from "./support/test";

// The built-in receiver is shared by all workspaces.
test.afterEach(async ({ program }) => {
  await program.call("PUT", "/local/receiver-behaviour", { answer: "ok" });
  await program.call("DELETE", "/local/receiver-log");
});

const requests = (page: Page) => page.getByRole("grid", { name: "Requests to the built-in receiver" });
/** Returns the rows of a request. */
const request = (page: Page, eventType: string, instance: string) =>
  requests(page)
    .getByRole("row")
    .filter({ hasText: `${eventType}: ${instance} of Order intake` });
const answer = (page: Page, name: string) =>
  page.getByRole("toolbar", { name: "How the receiver answers" }).getByRole("button", { name });

test("the three steps show callbacks, acknowledged or not", async ({
  page,
  program,
  workspace,
  receiver,
}) => {
  const instance = `${workspace.name}-1`;
  await workspace.call("PUT", "/callbacks/created", { enabled: true, urls: [`${receiver.url}/mine`] });
  await page.goto(workspace.path("try-it"));
  await expect(page.getByText("Nothing has arrived yet")).toBeVisible();

  await page.getByRole("button", { name: "Use the built-in receiver" }).click();
  await expect(page.getByText("All three event types call it")).toBeVisible();
  const callbacks = await workspace.call("GET", "/callbacks");
  expect(callbacks.created.urls, "what was configured stays").toEqual([
    `${receiver.url}/mine`,
    `${program.url}/local/receiver/created`,
  ]);
  for (const eventType of ["updated", "deleted"]) {
    const urls = [`${program.url}/local/receiver/${eventType}`];
    expect(callbacks[eventType]).toEqual({ enabled: true, urls });
  }

  await page.getByRole("textbox", { name: "Instance ID" }).fill(instance);
  await expect(page.getByRole("button", { name: "Update", exact: true })).toBeDisabled();
  for (const [button, eventType] of [
    ["Create", "created"],
    ["Update", "updated"],
    ["Delete", "deleted"],
  ] as const) {
    await page.getByRole("button", { name: button, exact: true }).click();
    const row = request(page, eventType, instance);
    await expect(row).toContainText(
      `GET /local/receiver/${eventType}?instanceID=${instance}&processName=Order%20intake&eventType=${eventType}`,
    );
    await expect(row).toContainText(/200 after/);
    await expect(row).toContainText("after the button");
  }
  await expect(requests(page).getByRole("row").nth(1), "the newest is first").toContainText("deleted:");
  await expect.poll(() => receiver.requests.length).toBe(1);
  await expect(page.getByText("0 instances exist")).toBeVisible();

  const headers = page.getByRole("button", { name: /^Headers of request/ }).first();
  await headers.click();
  await expect(
    requests(page)
      .getByText(/^webhook-signature: v1,/)
      .first(),
  ).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "try-it");

  await answer(page, "Fails").click();
  await expect(page.getByText("Later events of its instance wait for it")).toBeVisible();
  await page.getByRole("button", { name: "With the status" }).click();
  await page.getByRole("option", { name: "404 Not Found" }).click();
  await expect(page.getByText("attempted three times, a second apart, then deferred")).toBeVisible();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  // Three inline attempts, then retries of the deferred delivery.
  await expect(request(page, "created", instance).filter({ hasText: "404 after" }).nth(3)).toBeVisible();
  const waiting = `/deliveries?instanceID=${instance}&status=pending`;
  await expect.poll(async () => (await workspace.call("GET", waiting)).deliveries.length).toBe(1);

  await answer(page, "Hangs").click();
  await expect(page.getByText("Each attempt ends after 10 seconds without an answer")).toBeVisible();
  await page.getByRole("button", { name: "Update", exact: true }).click();
  const hanging = request(page, "updated", instance).first();
  // On a slow machine the receiver may have hung up already.
  await expect(hanging).toContainText(/Not yet|None: hung up/);
  await expect(hanging).toContainText(/None: hung up after \d+/);

  await page.getByRole("link", { name: "See the deliveries" }).click();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("deliveries")}$`));
});

test("the receiver responds with the chosen status or delay", async ({ page, program, workspace }) => {
  const behaviour = async () => (await program.call("GET", "/local/receiver-log")).behaviour;
  await page.goto(workspace.path("try-it"));
  await answer(page, "Fails").click();
  await page.getByRole("button", { name: "With the status" }).click();
  await page.getByRole("option", { name: "410 Gone" }).click();
  await expect(page.getByText("the endpoint is disabled at once")).toBeVisible();
  await expect.poll(behaviour).toEqual({ answer: "fail", status: 410 });

  await answer(page, "Slow").click();
  await expect(page.getByText("Each callback is acknowledged, but late")).toBeVisible();
  await page.getByRole("button", { name: "After" }).click();
  await page.getByRole("option", { name: "15 seconds" }).click();
  await expect(page.getByText("after the 10 seconds that a callback may take")).toBeVisible();
  await expect.poll(behaviour).toEqual({ answer: "slow", delayMs: 15_000 });

  await answer(page, "Acknowledges").click();
  await expect(page.getByText("Each callback is acknowledged at once")).toBeVisible();
  await expect.poll(behaviour).toEqual({ answer: "ok" });
  await page.reload();
  await expect(answer(page, "Acknowledges")).toHaveAttribute("aria-pressed", "true");
});

test("an instance of another workspace is not overwritten", async ({ page, program, workspace }) => {
  const instance = `${workspace.name}-elsewhere`;
  await program.call("PUT", `/local/instances/${instance}`, {
    processName: "Order",
    workspaceID: "elsewhere",
  });
  await page.goto(workspace.path("try-it"));
  await page.getByRole("textbox", { name: "Instance ID" }).fill(instance);
  await expect(page.getByText("An instance of the workspace elsewhere has this ID already")).toBeVisible();
  await expect(page.getByRole("button", { name: "Create", exact: true })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Delete", exact: true })).toBeDisabled();
});

test("another tab's change of the callbacks is not overwritten", async ({ page, program, workspace }) => {
  await page.goto(workspace.path("try-it"));
  await expect(page.getByText("Not configured yet")).toBeVisible();
  // A change by another user between this page's read and write.
  let meanwhile = true;
  await page.route("**/callbacks", async (route) => {
    if (meanwhile && route.request().method() === "PUT") {
      meanwhile = false;
      await workspace.setCallbackUrls("https://other.example/");
    }
    await route.continue();
  });
  await page.getByRole("button", { name: "Use the built-in receiver" }).click();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("All three event types call it")).toBeVisible();
  expect((await workspace.call("GET", "/callbacks")).created.urls).toEqual([
    "https://other.example/",
    `${program.url}/local/receiver/created`,
  ]);
});
