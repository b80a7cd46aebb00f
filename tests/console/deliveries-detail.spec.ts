import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { promisify } from "node:util";
import { expectLogged, loggedDeliveries, ownInstance, putLogged, rowOf, rows } from "./support/log";
import { changeResponses } from "./support/routes";
import { checkA11y, expect, screenshots, test } from "./support/test";

const run = promisify(execFile);

test("a missed delivery shows its attempts, reasons and responses", async ({ page, workspace, receiver }) => {
  const html = "<html><body><h1>Out of order</h1><script>alert(1)</script></body></html>";
  receiver.respondWith((_, response) =>
    response.writeHead(500, { "content-type": "text/html", "set-cookie": "s=1" }).end(html),
  );
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  // Three inline attempts and a retry after a second. The next one is an hour later.
  await expect.poll(async () => (await loggedDeliveries(workspace))[0].attemptCount).toBe(4);

  await page.goto(`${workspace.path("deliveries")}?status=pending`);
  await rowOf(page, ownInstance(workspace, "one")).click();
  const [{ deliveryID }] = await loggedDeliveries(workspace);
  const path = () => page.url().slice(new URL(page.url()).origin.length);
  await expect.poll(path).toBe(`${workspace.path(`deliveries/${deliveryID}`)}?status=pending`);

  const panel = page.getByRole("region", { name: "Delivery" });
  await expect(panel.getByRole("heading", { name: ownInstance(workspace, "one") })).toBeVisible();
  await expect(panel.getByText("The receiver returned 500 Internal Server Error")).toHaveCount(1);
  await expect(panel.getByText("Later events of its instance wait for it")).toBeVisible();
  await expect(panel.getByRole("button", { name: "Retry now" })).toBeHidden();
  await expect(panel.getByText("500 Internal Server Error").first()).toBeVisible();
  // The response of the latest attempt is open. Those of the last three attempts are stored.
  const body = panel.getByRole("region", { name: "Beginning of the response to attempt 4" });
  await expect(body).toHaveText(html);
  await panel.getByRole("button", { name: "Response headers of attempt 4" }).click();
  const headers = panel.getByRole("table", { name: "Response headers of attempt 4" });
  await expect(headers.getByRole("row", { name: "content-type text/html" })).toBeVisible();
  await expect(headers.getByText("set-cookie")).toHaveCount(0);

  // A shared link shows the same.
  await page.reload();
  await expect(panel.getByText("Attempt 1")).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "delivery");

  await page.getByRole("button", { name: "Close panel" }).click();
  await expect(panel).toBeHidden();
  await expect.poll(path).toBe(`${workspace.path("deliveries")}?status=pending`);
});

test("attempts and responses that are not stored are counted", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  const [{ deliveryID }] = await loggedDeliveries(workspace);
  await changeResponses(page, "**/v1/workspaces/*/deliveries/*", (delivery) => {
    const numbers = [1, ...Array.from({ length: 20 }, (_, index) => 981 + index)];
    const missed = { ...delivery.attempts[0], status: 503, reason: "status", body: "" };
    return { ...delivery, attemptCount: 1_000, attempts: numbers.map((number) => ({ ...missed, number })) };
  });
  await page.goto(workspace.path(`deliveries/${deliveryID}`));
  const panel = page.getByRole("region", { name: "Delivery" });
  await expect(panel.getByRole("heading", { name: "Attempts" })).toContainText("(1000)");
  await expect(panel.getByText("Attempt 1000")).toBeVisible();
  await expect(panel.getByText("Response not kept")).toHaveCount(2);
  await panel.getByRole("button", { name: "Show all 21 attempts that are kept" }).click();
  await expect(panel.getByText("… 979 attempts not kept …")).toBeVisible();
  await expect(panel.getByText("Response not kept")).toHaveCount(18);
  await checkA11y(page);
});

test("a delivery without a known URL waits for readable callbacks", async ({ page, workspace, receiver }) => {
  const unrouted = {
    endpointID: "0".repeat(32),
    url: "http://callbacks-cannot-be-read.invalid/",
    status: "pending",
    attemptCount: 0,
    lastReason: null,
    dueAt: null,
  };
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await changeResponses(page, /\/v1\/workspaces\/[^/]+\/deliveries\?/, ({ deliveries, next }) => ({
    deliveries: deliveries.map((delivery: object) => ({ ...delivery, ...unrouted })),
    next,
  }));
  await changeResponses(page, /\/v1\/workspaces\/[^/]+\/deliveries\/[^/?]+$/, (delivery) => ({
    ...delivery,
    ...unrouted,
    attempts: [],
  }));
  await page.goto(workspace.path("deliveries"));
  const row = page.getByRole("row").filter({ has: rowOf(page, ownInstance(workspace, "one")) });
  await expect(row).toContainText("Unknown, because the callbacks cannot be read");
  await rowOf(page, ownInstance(workspace, "one")).click();
  const panel = page.getByRole("region", { name: "Delivery" });
  await expect(panel.getByText("Waiting: the callbacks cannot be read")).toBeVisible();
  await expect(panel.getByText("callbacks-cannot-be-read.invalid")).toHaveCount(0);
  await expect(panel.getByRole("heading", { name: "Request" })).toHaveCount(0);
  await expect(panel.getByRole("link", { name: "View endpoint" })).toHaveCount(0);
  await checkA11y(page);
});

test("the copied curl command repeats the request", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(`${receiver.url}/it's/a/../path?x=$(id)&y=*;z&again=!1`);
  const instance = `${ownInstance(workspace, "one")} 'quoted' "$HOME" \`id\``;
  await putLogged(workspace, [instance]);
  await expectLogged(workspace, "delivered", 1);

  await page.goto(workspace.path("deliveries"));
  await rowOf(page, instance).click();
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await expect(page.getByText("Copied, signed now: valid for 5 minutes")).toBeVisible();
  const parameters = page.getByRole("table", { name: "Parameters" });
  await expect(parameters.getByRole("row", { name: `instanceID ${instance}` })).toBeVisible();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const { stdout } = await run("sh", ["-c", command]);

  expect(stdout).toContain("200 OK");
  const [sent, copied] = receiver.requests;
  expect(copied?.target).toBe(sent?.target);
  for (const header of ["webhook-id", "webhook-attempt", "user-agent"]) {
    expect(copied?.headers[header]).toBe(sent?.headers[header]);
  }
  const [{ endpointID }] = (await workspace.call("GET", "/endpoints")).endpoints;
  const { secret } = await workspace.call("GET", `/endpoints/${endpointID}/signing-secret`);
  const signed = `${copied?.headers["webhook-id"]}.${copied?.headers["webhook-timestamp"]}.${copied?.target}`;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  expect(copied?.headers["webhook-signature"]).toBe(
    `v1,${createHmac("sha256", key).update(signed).digest("base64")}`,
  );
});

test("a delivery links to its instance's others and to its endpoint", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  const [one, two] = [ownInstance(workspace, "one"), ownInstance(workspace, "two")];
  await putLogged(workspace, [one, two]);
  await putLogged(workspace, [one]);
  const [{ deliveryID, endpointID, eventID }] = await loggedDeliveries(workspace, `instanceID=${two}`);

  await page.goto(workspace.path(`deliveries/${deliveryID}`));
  await expect(page.getByText("Delivered on the first attempt")).toBeVisible();
  await page.getByRole("button", { name: "Copy the event's ID" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(eventID);
  expect(receiver.requests.map(({ headers }) => headers["webhook-id"])).toContain(eventID);
  await expect(page.getByRole("link", { name: "View endpoint" })).toHaveAttribute(
    "href",
    workspace.path(`endpoints/${endpointID}`),
  );
  await page.goto(
    workspace.path(`deliveries/${(await loggedDeliveries(workspace, `instanceID=${one}`))[0].deliveryID}`),
  );
  await page.getByRole("link", { name: "All deliveries of this instance" }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(rowOf(page, one, "updated")).toBeVisible();
});

test("a delivery says that its endpoint is paused until delivered", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const [{ endpointID }] = (await workspace.call("GET", "/endpoints")).endpoints;
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: true });
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await page.goto(workspace.path("deliveries"));
  await rowOf(page, ownInstance(workspace, "one")).click();
  await expect(page.getByText("Waiting: the endpoint is paused")).toBeVisible();
  await expect(page.getByText("None yet")).toBeVisible();

  await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: false });
  await expect(page.getByText("Delivered on the first attempt")).toBeVisible();
});

test("an unknown delivery is reported", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  const [{ deliveryID }] = await loggedDeliveries(workspace);
  await page.goto(workspace.path(`deliveries/${deliveryID.slice(0, -1)}`));
  await expect(page.getByRole("region", { name: "Delivery" }).getByText(/no such delivery/i)).toBeVisible();
});

test("an open delivery is marked, and stepped through by keys", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  for (const name of ["one", "two", "three"]) {
    await putLogged(workspace, [ownInstance(workspace, name)]);
  }
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(3);
  const [first, second] = await loggedDeliveries(workspace);
  await rows(page).first().click();
  const panel = page.getByRole("region", { name: "Delivery" });
  const title = (id: string) => panel.getByText(`${id}, created`);
  await expect(title(first.instanceID)).toBeFocused();
  await expect(page.locator("tr[aria-selected=true]")).toHaveCount(1);
  await expect(page.locator("tr[aria-selected=true]").getByRole("link")).toHaveAccessibleName(
    new RegExp(`: delivery of ${first.instanceID},`),
  );

  await page.keyboard.press("j");
  await expect(title(second.instanceID)).toBeFocused();
  await expect(page.locator("tr[aria-selected=true]").getByRole("link")).toHaveAccessibleName(
    new RegExp(`: delivery of ${second.instanceID},`),
  );
  await page.keyboard.press("k");
  await expect(title(first.instanceID)).toBeFocused();
  await expect(panel.getByRole("button", { name: "Previous delivery (K)" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(rows(page).first()).toBeFocused();
  await expect(page.locator("tr[aria-selected=true]")).toHaveCount(0);
});
