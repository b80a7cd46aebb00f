import { changeResponses, removeRoutes } from "./support/routes";
import {
  checkA11y,
  expect,
  type Page,
  type Program,
  screenshots,
  test,
  type Workspace,
} from "./support/test";
import { WAIT_TIMEOUT_MS } from "./support/timeouts";

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

/** Creates, updates and deletes the instance. Each is a signed request that is acknowledged. */
async function changeAndSee(page: Page, workspace: Workspace, instance: string) {
  for (const [button, eventType] of [
    ["Create", "created"],
    ["Update", "updated"],
    ["Delete", "deleted"],
  ] as const) {
    await page.getByRole("button", { name: button, exact: true }).click();
    const row = request(page, eventType, instance);
    await expect(row).toContainText(
      `GET /local/receiver/${eventType}?workspace=${workspace.name}&instanceID=${instance}&processName=Order%20intake&eventType=${eventType}`,
    );
    await expect(row).toContainText(/200 after/);
    await expect(row).toContainText("after the click");
    await expect(row).toContainText("Attempt 1");
    await expect(row).toContainText("Signature valid");
  }
}

/** Creates the instance while the receiver rejects. The delivery is attempted inline, then deferred. */
async function rejectAndSee(page: Page, workspace: Workspace, instance: string) {
  await answer(page, "Fails").click();
  await expect(page.getByText("Later events of its instance wait for it")).toBeVisible();
  await page.getByRole("button", { name: "With the status" }).click();
  await page.getByRole("option", { name: "404 Not Found" }).click();
  await expect(page.getByText("attempted three times, a second apart, then deferred")).toBeVisible();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  // Three inline attempts, then retries of the deferred delivery.
  const rejected = request(page, "created", instance).filter({ hasText: "404 after" });
  await expect(rejected.nth(3)).toBeVisible();
  for (const attempt of [1, 2, 3, 4]) {
    await expect(rejected.filter({ hasText: `Attempt ${attempt}` })).toHaveCount(1);
  }
  const waiting = `/deliveries?instanceID=${instance}&status=pending`;
  await expect.poll(async () => (await workspace.call("GET", waiting)).deliveries.length).toBe(1);
}

test("the three steps show callbacks, acknowledged or not", async ({
  page,
  program,
  workspace,
  receiver,
}) => {
  const instance = `${workspace.name}-1`;
  await workspace.call("PUT", "/callbacks/created", { enabled: true, urls: [`${receiver.url}/mine`] });
  await page.goto(workspace.path("try-it"));
  await expect(page.getByText("No requests yet")).toBeVisible();
  await expect(page.getByText("No instance yet")).toBeVisible();

  await page.getByRole("button", { name: "Use the built-in receiver" }).click();
  await expect(page.getByText("All three event types call it")).toBeVisible();
  const callbacks = await workspace.call("GET", "/callbacks");
  expect(callbacks.created.urls, "what was configured stays").toEqual([
    `${receiver.url}/mine`,
    `${program.url}/local/receiver/created?workspace=${workspace.name}`,
  ]);
  for (const eventType of ["updated", "deleted"]) {
    const urls = [`${program.url}/local/receiver/${eventType}?workspace=${workspace.name}`];
    expect(callbacks[eventType]).toEqual({ enabled: true, urls });
  }

  await page.getByRole("textbox", { name: "Instance ID" }).fill(instance);
  await expect(page.getByRole("button", { name: "Update", exact: true })).toBeDisabled();
  await changeAndSee(page, workspace, instance);
  await expect(requests(page).getByRole("row").nth(1), "the newest is first").toContainText("deleted:");
  await expect.poll(() => receiver.requests.length).toBe(1);
  await expect(page.getByText("3 changes made")).toBeVisible();

  const headers = page.getByRole("button", { name: /^Headers of request/ }).first();
  await headers.click();
  await expect(
    requests(page)
      .getByText(/^webhook-signature: v1,/)
      .first(),
  ).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "try-it");

  await rejectAndSee(page, workspace, instance);

  await answer(page, "Hangs").click();
  await expect(page.getByText("Each attempt ends after 10 seconds without an answer")).toBeVisible();
  await page.getByRole("button", { name: "Update", exact: true }).click();
  const hanging = request(page, "updated", instance).first();
  // On a slow machine the receiver may have hung up already.
  await expect(hanging).toContainText(/Not yet|Timed out/);
  await expect(hanging).toContainText(/Timed out after \d+/);

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
  // Those of all tests are more than the console lists.
  const all = `${program.url}/local/instances?limit=1000`;
  await page.route("**/local/instances", (route) => route.continue({ url: all }));
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
    `${program.url}/local/receiver/created?workspace=${workspace.name}`,
  ]);
});

test("the built-in receiver can be removed again: what was configured is as before", async ({
  page,
  workspace,
}) => {
  await workspace.call("PUT", "/callbacks", {
    created: { enabled: true, urls: ["https://on.example/"] },
    updated: { enabled: false, urls: ["https://off.example/"] },
    deleted: { enabled: false, urls: [] },
  });
  const { version: _, ...before } = await workspace.call("GET", "/callbacks");
  await page.goto(workspace.path("try-it"));
  await page.getByRole("button", { name: "Use the built-in receiver" }).click();
  await expect(page.getByText("All three event types call it")).toBeVisible();
  await page.getByRole("button", { name: "Stop using it" }).click();
  await expect(page.getByText("Not configured yet")).toBeVisible();
  expect(await workspace.call("GET", "/callbacks")).toMatchObject(before);
});

test("requests of other workspaces are not listed, and stay when the list is cleared", async ({
  page,
  program,
  workspace,
}) => {
  const url = (name: string) => `${program.url}/local/receiver/created?workspace=${name}`;
  const [mine, other] = [`${workspace.name}-mine`, `${workspace.name}-other`];
  const callback = (name: string) => ({ enabled: true, urls: [url(name)] });
  await workspace.call("PUT", "/callbacks/created", callback(workspace.name));
  await program.call("PUT", `/v1/workspaces/${other}/callbacks/created`, callback(other));
  await program.call("PUT", `/local/instances/${other}`, { processName: "Order intake", workspaceID: other });
  await workspace.putInstance(mine, "Order intake");
  const logged = (name: string) => program.call("GET", `/local/receiver-log?workspace=${name}`);
  await expect.poll(async () => (await logged(other)).requests.length).toBe(1);

  await page.goto(workspace.path("try-it"));
  await expect(request(page, "created", mine)).toBeVisible();
  await expect(requests(page).getByRole("row")).toHaveCount(2);
  await expect(page.getByText("1 request", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByText("No requests yet")).toBeVisible();
  expect((await logged(other)).requests.length).toBe(1);
});

test("an instance that the list does not have is not taken over", async ({ page, program, workspace }) => {
  const instance = `${workspace.name}-hidden`;
  await changeResponses(page, "**/local/instances", () => ({ instances: [] }));
  await page.goto(workspace.path("try-it"));
  await page.getByRole("textbox", { name: "Instance ID" }).fill(instance);
  await program.call("PUT", `/local/instances/${instance}`, {
    processName: "Order",
    workspaceID: "elsewhere",
  });
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByText("exists already, be it in another workspace")).toBeVisible();
  await removeRoutes(page);
  const { instances } = await program.call("GET", "/local/instances?limit=1000");
  const found = instances.find(({ instanceID }: { instanceID: string }) => instanceID === instance);
  expect(found.workspaceID).toBe("elsewhere");
});

/** Sends a request to the built-in receiver with a signature of another secret. */
async function forge({ url }: Program, workspace: Workspace) {
  const target = `/local/receiver/created?workspace=${workspace.name}&instanceID=forged&processName=Order%20intake&eventType=created`;
  await workspace.call("POST", "/signing-secret/rotate");
  await fetch(url + target, {
    signal: AbortSignal.timeout(WAIT_TIMEOUT_MS),
    headers: {
      "webhook-id": "1",
      "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
      "webhook-signature": `v1,${Buffer.alloc(32).toString("base64")}`,
    },
  });
}

test("a signature of another secret is not valid", async ({ page, program, workspace }) => {
  await forge(program, workspace);
  await page.goto(workspace.path("try-it"));
  await expect(request(page, "created", "forged")).toContainText("Signature not valid");
});

test("a signature is verified once the secret can be read", async ({ page, program, workspace }) => {
  await forge(program, workspace);
  const secret = /\/endpoints\/[^/]+\/signing-secret$/;
  let failures = 0;
  await page.route(
    secret,
    async (route) => {
      failures += 1;
      await route.fulfill({ status: 503, json: { type: "unavailable", title: "try again" } });
    },
    { times: 1 },
  );
  await page.goto(workspace.path("try-it"));
  await expect(request(page, "created", "forged")).toContainText("Signature not valid");
  expect(failures).toBe(1);
});
