import {
  checkA11y,
  expect,
  type Page,
  type Receiver,
  screenshots,
  test,
  type Workspace,
} from "./support/test";
import { WAIT_TIMEOUT_MS } from "./support/timeouts";

const field = (page: Page, name: string) => page.getByRole("textbox", { name });

/** Fills in the form and submits it. */
async function verify(
  page: Page,
  pasted: { target: string; id: string; timestamp: string; signature: string },
) {
  await field(page, "Request target").fill(pasted.target);
  await field(page, "webhook-id").fill(pasted.id);
  await field(page, "webhook-timestamp").fill(pasted.timestamp);
  await field(page, "webhook-signature").fill(pasted.signature);
  await page.getByRole("button", { name: "Verify" }).click();
}

/** Configures one URL, and returns the path of its page and that of its secret. */
async function oneEndpoint(workspace: Workspace, url = "https://one.example/hook") {
  await workspace.setCallbackUrls(url);
  const [{ endpointID }] = (await workspace.call("GET", "/endpoints")).endpoints;
  return {
    page: workspace.path(`endpoints/${endpointID}`),
    secret: `/endpoints/${endpointID}/signing-secret`,
  };
}

/** Returns a request that the receiver got. */
async function captureRequest(workspace: Workspace, receiver: Receiver) {
  await workspace.putInstance(`${workspace.name}-1`, "Order für M&S");
  await expect.poll(() => receiver.requests.length).toBe(1);
  const header = (name: string) => String(receiver.requests[0]?.headers[name]);
  return {
    target: String(receiver.requests[0]?.target),
    id: header("webhook-id"),
    timestamp: header("webhook-timestamp"),
    signature: header("webhook-signature"),
  };
}

test("the secret is shown on request, for a minute, in this view only", async ({ page, workspace }) => {
  const endpoint = await oneEndpoint(workspace);
  const { secret, fingerprint } = await workspace.call("POST", `${endpoint.secret}/rotate`);
  await page.goto(endpoint.page);
  await expect(page.getByText(fingerprint)).toBeVisible();
  await page.clock.install();
  await expect(page.getByText(secret)).toHaveCount(0);

  await page.getByRole("button", { name: "Copy the signing secret" }).click();
  await expect(page.getByText("Copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await expect(page.getByText(secret), "copied without being shown").toHaveCount(0);

  // The page's clock is paused, so that only the test advances it.
  await page.clock.pauseAt(await page.evaluate((later) => Date.now() + later, WAIT_TIMEOUT_MS));
  await page.getByRole("button", { name: "Show the signing secret" }).click();
  await expect(page.getByText(secret)).toBeVisible();
  await page.clock.fastForward(50_000);
  await expect(page.getByText(secret)).toBeVisible();
  await page.clock.fastForward(11_000);
  await expect(page.getByText(secret)).toHaveCount(0);
  await page.clock.resume();

  await page.getByRole("button", { name: "Show the signing secret" }).click();
  await expect(page.getByText(secret)).toBeVisible();
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Audit");
  await page.goBack();
  await expect(page.getByText(fingerprint)).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);
});

test("after a rotation both secrets verify, a tampered request none", async ({
  page,
  workspace,
  receiver,
}) => {
  const endpoint = await oneEndpoint(workspace, `${receiver.url}/hook?token=a%2Fb`);
  const before = await workspace.call("POST", `${endpoint.secret}/rotate`);
  await page.goto(endpoint.page);
  await page.getByRole("button", { name: "Rotate", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Rotate the signing secret" });
  await dialog.getByRole("radio", { name: "1 hour" }).check();
  await checkA11y(page);
  await dialog.getByRole("button", { name: "Rotate", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(`before ${before.fingerprint} expires in 1 hour`)).toBeVisible();
  const after = await workspace.call("GET", endpoint.secret);
  expect(after.previous[0].fingerprint).toBe(before.fingerprint);
  const overlap = Date.parse(after.previous[0].expiresAt) - Date.parse(after.changedAt);
  expect(Math.round(overlap / 60_000), "minutes").toBe(60);
  await expect(
    page.getByRole("grid", { name: "Previous secrets" }).getByText(before.fingerprint),
  ).toBeVisible();

  await page.getByRole("heading", { name: "Signing secret", exact: true }).scrollIntoViewIfNeeded();
  await checkA11y(page);
  await screenshots(page, "endpoint-secret");

  const request = await captureRequest(workspace, receiver);
  await page.goto(workspace.path("signing"));
  const written: string[] = [];
  page.on(
    "request",
    (request) => request.method() !== "GET" && written.push(`${request.method()} ${request.url()}`),
  );
  await verify(page, request);
  await expect(
    page.getByText(
      `Signed with the current secret ${after.fingerprint} and with the previous secret ${before.fingerprint}`,
    ),
  ).toBeVisible();
  const [newer = "", older = ""] = request.signature.split(" ");
  await verify(page, { ...request, signature: older });
  await expect(page.getByText(`Signed with the previous secret ${before.fingerprint}.`)).toBeVisible();
  await verify(page, { ...request, target: receiver.url + request.target, signature: newer });
  await expect(page.getByText(`Signed with the current secret ${after.fingerprint}.`)).toBeVisible();
  await page.getByRole("button", { name: "What is signed" }).click();
  await expect(page.getByText(`${request.id}.${request.timestamp}.${request.target}`)).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "signing");

  for (const tampered of [
    { target: request.target.replace("-1&", "-2&") },
    { id: request.id.replace(/.$/, (end) => (end === "0" ? "1" : "0")) },
    { timestamp: String(Number(request.timestamp) - 1) },
  ]) {
    await verify(page, { ...request, ...tampered });
    await expect(page.getByText("does not match this id, this timestamp and this target")).toBeVisible();
    await page.getByRole("button", { name: "Clear" }).click();
    await expect(page.getByText("Not valid")).toBeHidden();
  }
  await verify(page, { ...request, target: decodeURIComponent(request.target).replace("a/b", "a%2Fb") });
  await expect(page.getByText("Its parameters were decoded in transit")).toBeVisible();
  await verify(page, { ...request, timestamp: "1700000000" });
  await expect(page.getByText("Timestamp too old: receivers will reject it")).toBeVisible();
  await verify(page, { ...request, signature: newer.slice(0, -3), timestamp: "yesterday" });
  await expect(page.getByText("This part has been cut off or changed")).toBeVisible();
  await expect(page.getByText("The header carries seconds since 1970")).toBeVisible();
  expect(written, "nothing was sent").toEqual([]);
});

test("a rotation without overlap warns, and ends all previous secrets", async ({ page, workspace }) => {
  const endpoint = await oneEndpoint(workspace);
  await workspace.call("POST", `${endpoint.secret}/rotate`);
  const before = await workspace.call("POST", `${endpoint.secret}/rotate`, { overlapSeconds: 3600 });
  await page.goto(endpoint.page);
  await expect(page.getByRole("grid", { name: "Previous secrets" })).toBeVisible();
  await page.getByRole("button", { name: "Rotate", exact: true }).click();
  await page.getByRole("radio", { name: "None" }).check();
  await expect(page.getByText("Receivers that verify signatures will reject callbacks")).toBeVisible();
  await page.getByRole("button", { name: "Rotate at once" }).click();
  await expect(page.getByText("Secret rotated, without overlap")).toBeVisible();
  await expect(page.getByRole("grid", { name: "Previous secrets" })).toHaveCount(0);
  const after = await workspace.call("GET", endpoint.secret);
  expect(after.previous).toEqual([]);
  expect(after.fingerprint).not.toBe(before.fingerprint);
});

test("the secrets of all endpoints are rotated together", async ({ page, workspace }) => {
  const endpoint = await oneEndpoint(workspace);
  const before = await workspace.call("POST", `${endpoint.secret}/rotate`);
  const key = await workspace.call("GET", "/signing-secret");
  await page.goto(workspace.path("signing"));
  await page.getByRole("button", { name: "Rotate all" }).click();
  const dialog = page.getByRole("dialog", { name: "Rotate all signing secrets" });
  await checkA11y(page);
  await dialog.getByRole("button", { name: "Rotate", exact: true }).click();
  await expect(page.getByText("Update your receivers within 24 hours")).toBeVisible();
  await expect(page.getByRole("grid", { name: "Previous keys" }).getByText(key.fingerprint)).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "signing-rotated");
  const after = await workspace.call("GET", endpoint.secret);
  expect(after.previous.map(({ secret }: { secret: string }) => secret)).toEqual([before.secret]);
});

test("a cancelled rotation changes nothing", async ({ page, workspace }) => {
  const before = await workspace.call("POST", "/signing-secret/rotate");
  await page.goto(workspace.path("signing"));
  await page.getByRole("button", { name: "Rotate all" }).click();
  await page.getByRole("button", { name: "Cancel" }).last().click();
  await expect(page.getByRole("dialog")).toBeHidden();
  expect(await workspace.call("GET", "/signing-secret")).toEqual(before);
});

test("an own secret has an error at its field, or signs from now on", async ({ page, workspace }) => {
  const endpoint = await oneEndpoint(workspace);
  const before = await workspace.call("POST", `${endpoint.secret}/rotate`);
  await page.goto(endpoint.page);
  await page.getByRole("button", { name: "Set your own" }).click();
  const dialog = page.getByRole("dialog", { name: "Set your own signing secret" });
  const secret = dialog.getByRole("textbox", { name: "Secret" });
  await expect(secret).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(
    dialog.getByText("a signing secret begins with whsec_"),
    "submitted, not closed",
  ).toBeVisible();
  for (const [bad, why] of [
    ["hunter2", "a signing secret begins with whsec_"],
    ["whsec_c2hvcnQ=", "24 to 64 bytes in Base64; these are 5"],
  ] as const) {
    await secret.fill(bad);
    await dialog.getByRole("button", { name: "Set", exact: true }).click();
    await expect(dialog.getByText(why)).toBeVisible();
    await expect(secret).toHaveAttribute("aria-invalid", "true");
  }
  expect((await workspace.call("GET", endpoint.secret)).secret).toBe(before.secret);

  const ownSecret = `whsec_${Buffer.from(`a key of the test ${workspace.name}`).toString("base64")}`;
  await secret.fill(ownSecret);
  await expect(secret).not.toHaveAttribute("aria-invalid", "true");
  await secret.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Set by a user")).toBeVisible();
  expect((await workspace.call("GET", endpoint.secret)).secret).toBe(ownSecret);
});

test("too many signing secrets are rejected with the next step", async ({ page, workspace }) => {
  for (let n = 0; n < 4; n += 1) {
    await workspace.call("POST", "/signing-secret/rotate", { overlapSeconds: 3600 });
  }
  await page.goto(workspace.path("signing"));
  await page.getByRole("button", { name: "Rotate all" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Rotate", exact: true }).click();
  await expect(dialog.getByText("secrets sign already, and no more may at a time")).toBeVisible();
});

test("looking at secrets of a new workspace makes none", async ({ page, workspace, receiver }) => {
  const endpoint = await oneEndpoint(workspace, `${receiver.url}/hook`);
  await page.goto(endpoint.page);
  await expect(page.getByText("There is none yet")).toBeVisible();
  await page.goto(workspace.path("signing"));
  await expect(page.getByText("No signing secrets yet")).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "signing-none");
  await page.reload();
  await expect(page.getByText("No signing secrets yet")).toBeVisible();
  expect((await workspace.call("GET", "/audit?subject=signing-secret")).entries).toEqual([]);

  // The first callback is signed, and the service has made the secrets.
  const { signature } = await captureRequest(workspace, receiver);
  expect(signature).toMatch(/^v1,/);
  const { entries } = await workspace.call("GET", "/audit?subject=signing-secret");
  expect(entries.map(({ caller }: { caller: { id: string } }) => caller.id)).toEqual(["instance-webhooks"]);
});
