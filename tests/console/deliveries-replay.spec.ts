import { expectLogged, ownInstance, putLogged, rowOf, rows } from "./support/log";
import { checkA11y, expect, type Page, type Receiver, screenshot, test } from "./support/test";

const NONE_SKIPPED = { endpointDisabled: 0, noLongerConfigured: 0, changed: 0 };

/** Returns the number of requests per event, sorted. */
function requestCountsByEvent(receiver: Receiver): number[] {
  const times = new Map<string, number>();
  for (const { headers } of receiver.requests) {
    const id = String(headers["webhook-id"]);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  return [...times.values()].sort();
}

async function choose(page: Page, item: RegExp) {
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a replay has the same webhook-id", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await expectLogged(workspace, "delivered", 1);
  await page.goto(workspace.path("deliveries"));
  await rowOf(page, ownInstance(workspace, "one")).click();
  const panel = page.getByRole("region", { name: "Delivery" });
  await panel.getByRole("button", { name: "Replay" }).click();

  await expect(
    page.getByText(`Replaying the delivery of ${ownInstance(workspace, "one")}, created`),
  ).toBeVisible();
  await expect(panel.getByText("Delivered after 2 attempts")).toBeVisible();
  const [first, again] = receiver.requests;
  expect(again?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(again?.headers["webhook-attempt"]).toBe("2");
});

test("only the selected deliveries are replayed", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const [one, two, three] = ["one", "two", "three"].map((name) => ownInstance(workspace, name)) as [
    string,
    string,
    string,
  ];
  await putLogged(workspace, [one, two, three]);
  await expectLogged(workspace, "delivered", 3);
  await page.goto(workspace.path("deliveries"));
  await page.getByRole("checkbox", { name: `Select ${one}, created` }).check();
  await page.getByRole("checkbox", { name: `Select ${three}, created` }).check();
  await expect(page.getByText("Paused while deliveries are selected")).toBeVisible();
  await choose(page, /Selected: 2 deliveries/);
  const dialog = page.getByRole("dialog", { name: "Replay 2 deliveries?" });
  await expect(dialog.getByText("Receivers get the same webhook-id")).toBeVisible();
  await checkA11y(page);
  await dialog.getByRole("button", { name: "Replay" }).click();

  await expect(page.getByText("Replayed 2 deliveries")).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect.poll(() => receiver.requests.length).toBe(5);
  expect(requestCountsByEvent(receiver)).toEqual([1, 2, 2]);
  expect(
    receiver.requests
      .slice(3)
      .map(({ instanceID }) => instanceID)
      .sort(),
  ).toEqual([one, three].sort());
  // The selection is cleared.
  await expect(page.getByText("Paused while deliveries are selected")).toBeHidden();
});

test("each selected delivery shows why it could not be replayed", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(`${receiver.url}/stays`, `${receiver.url}/goes`);
  await putLogged(workspace, [ownInstance(workspace, "one")], 2);
  await expectLogged(workspace, "delivered", 2);
  await workspace.setCallbackUrls(`${receiver.url}/stays`);
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(2);
  for (const box of await page.getByRole("checkbox", { name: /^Select .*, created$/ }).all()) {
    await box.check();
  }
  await choose(page, /Selected: 2 deliveries/);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(dialog.getByRole("heading", { name: "Replayed 1 of 2 deliveries" })).toBeVisible();
  await expect(dialog.getByText("Replayed", { exact: true })).toBeVisible();
  await expect(dialog.getByText("the URL is not called for this event type any more")).toBeVisible();
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => receiver.requests.length).toBe(3);
  expect(receiver.requests[2]?.target).toContain("/stays");
});

test("all matches are counted, then replayed", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  const instances = ["one", "two", "three", "four", "five"].map((name) => ownInstance(workspace, name));
  await putLogged(workspace, instances);
  await workspace.deleteInstance(ownInstance(workspace, "one"));
  await expectLogged(workspace, "delivered", 6);

  await page.goto(workspace.path("deliveries"));
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByRole("menuitem", { name: /Everything that matches/ })).toBeDisabled();
  await page.goto(`${workspace.path("deliveries")}?eventType=created`);
  await expect(rows(page)).toHaveCount(5);
  await choose(page, /Everything that matches/);
  const dialog = page.getByRole("dialog", { name: "Replay 5 deliveries?" });
  await expect(dialog).toBeVisible();
  await checkA11y(page);
  await screenshot(page, "replay-matching");
  expect(receiver.requests.length).toBe(6);

  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByText("Replayed 5 deliveries")).toBeVisible();
  await expect.poll(() => requestCountsByEvent(receiver)).toEqual([1, 2, 2, 2, 2, 2]);
});

test("many matches take several calls, the oldest slice first", async ({ page, workspace }) => {
  // 450 deliveries, three per second, from a mocked API: creating so many would take too long.
  const times = Array.from({ length: 450 }, (_, number) =>
    new Date(Date.UTC(2026, 0, 31, 12) - Math.floor(number / 3) * 1_000).toISOString(),
  );
  await page.route(/\/v1\/.*\/deliveries\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get("cursor") ?? 0);
    const to = from + Number(query.get("limit"));
    const deliveries = times.slice(from, to).map((changedAt, number) => ({
      ...{ deliveryID: `${from + number}`, eventID: "1", eventType: "created", changedAt },
      ...{ instanceID: "one", processName: "Order", endpointID: "1", url: "http://127.0.0.1/" },
      ...{
        status: "failed",
        attemptCount: 1,
        lastReason: null,
        lastStatus: null,
        giveUpReason: "rejected",
        dueAt: null,
      },
    }));
    return route.fulfill({ json: { deliveries, next: to < times.length ? `${to}` : null } });
  });
  const calls: { since: string; until: string }[] = [];
  await page.route(/\/deliveries\/replay$/, (route) => {
    const call = route.request().postDataJSON();
    const matched = times.filter(
      (time) => call.since === undefined || (call.since <= time && time < call.until),
    );
    if (call.dryRun) {
      return route.fulfill({
        json: {
          matched: matched.length,
          replayable: matched.length,
          skipped: 0,
          skippedByReason: NONE_SKIPPED,
          truncated: true,
        },
      });
    }
    calls.push(call);
    // The first call runs out of time within its slice, and the second one completes it.
    const replayed = calls.length === 1 ? 10 : matched.length - (calls.length === 2 ? 10 : 0);
    return route.fulfill({
      status: 202,
      json: {
        matched: matched.length,
        replayed,
        skipped: 0,
        skippedByReason: NONE_SKIPPED,
        truncated: calls.length === 1,
      },
    });
  });
  await page.goto(`${workspace.path("deliveries")}?status=failed`);
  await choose(page, /Everything that matches/);
  const dialog = page.getByRole("dialog", { name: "Replay more than 450 deliveries?" });
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByText("Replayed 450 deliveries")).toBeVisible();

  const [unfinished, ...parts] = calls;
  expect(parts[0]).toEqual(unfinished);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.map(({ since }) => since)).toEqual(parts.map(({ since }) => since).sort());
  for (const time of times) {
    expect(parts.filter(({ since, until }) => since <= time && time < until)).toHaveLength(1);
  }
});

test("a replay of matches can be stopped, and retried after an error", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one"), ownInstance(workspace, "two")]);
  await expectLogged(workspace, "delivered", 2);
  await page.goto(`${workspace.path("deliveries")}?status=delivered`);
  await expect(rows(page)).toHaveCount(2);
  let failures = 0;
  await page.route(/\/deliveries\/replay$/, (route) => {
    const { dryRun } = route.request().postDataJSON();
    if (dryRun || failures > 0) {
      return route.continue();
    }
    failures++;
    return route.fulfill({
      status: 503,
      json: { type: "about:blank", title: "Not now", status: 503, detail: "the table does not answer" },
    });
  });
  await choose(page, /Everything that matches/);
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(dialog.getByText("The table does not answer")).toBeVisible();
  expect(receiver.requests.length).toBe(2);
  await dialog.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Replayed 2 deliveries")).toBeVisible();
  await expect.poll(() => requestCountsByEvent(receiver)).toEqual([2, 2]);

  await choose(page, /Everything that matches/);
  await expect(page.getByRole("dialog", { name: /^Replay 2 deliveries/ })).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  expect(receiver.requests.length).toBe(4);
});

test("pending deliveries are not offered for replay", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(receiver.url);
  await page.goto(`${workspace.path("deliveries")}?status=pending`);
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByRole("menuitem", { name: /Everything that matches/ })).toBeDisabled();
  await expect(page.getByText("Pending deliveries are still to be sent")).toBeAttached();
});

test("a delivery of a disabled endpoint is replayed once the endpoint is re-enabled", async ({
  page,
  workspace,
  receiver,
}) => {
  receiver.respondWith(410);
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await expectLogged(workspace, "failed", 1);
  receiver.respondWith(200);
  await page.goto(workspace.path("deliveries"));
  await rowOf(page, ownInstance(workspace, "one")).click();
  const panel = page.getByRole("region", { name: "Delivery" });
  await expect(panel.getByText("Failed: the endpoint is disabled")).toBeVisible();
  await panel.getByRole("button", { name: "Re-enable endpoint and replay" }).click();
  await expect(page.getByText("The endpoint is re-enabled.")).toBeVisible();
  await expect(panel.getByText("Delivered after 2 attempts")).toBeVisible();
  await expect.poll(() => receiver.requests.length).toBe(2);
  // A drain saves the delivery and the health side by side.
  const health = async () => (await workspace.call("GET", "/endpoints")).endpoints[0].health.state;
  await expect.poll(health).toBe("healthy");
});

test("a delivery whose URL was removed says why it cannot be replayed", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await expectLogged(workspace, "delivered", 1);
  await workspace.setCallbackUrls(`${receiver.url}/another`);
  await page.goto(workspace.path("deliveries"));
  await rowOf(page, ownInstance(workspace, "one")).click();
  const panel = page.getByRole("region", { name: "Delivery" });
  const replay = panel.getByRole("button", { name: "Replay" });
  await expect(replay).toBeDisabled();
  // What loads later moves the button from under the pointer.
  await expect(panel.getByRole("heading", { name: "Attempts" })).toBeVisible();
  await replay.hover();
  await expect(page.getByRole("tooltip")).toContainText("The URL is no longer called for created events");
});

test("a replay says before what cannot be replayed, by reason", async ({ page, workspace, receiver }) => {
  await workspace.setCallbackUrls(`${receiver.url}/stays`, `${receiver.url}/goes`);
  await putLogged(workspace, [ownInstance(workspace, "one")], 2);
  await expectLogged(workspace, "delivered", 2);
  await workspace.setCallbackUrls(`${receiver.url}/stays`);
  await page.goto(`${workspace.path("deliveries")}?status=delivered`);
  await choose(page, /Everything that matches/);
  const dialog = page.getByRole("dialog", { name: "Replay 1 delivery?" });
  await expect(dialog.getByText("Status: Delivered")).toBeVisible();
  await expect(dialog.getByText("1 delivery: the URL is no longer called for that event.")).toBeVisible();
  await checkA11y(page);
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(page.getByText("Replayed 1 delivery")).toBeVisible();
  await expect(page.getByText("Skipped 1 delivery: the URL is no longer called")).toBeVisible();
  await expect.poll(() => receiver.requests.length).toBe(3);
});

test("all failed deliveries of a disabled endpoint are replayed in three clicks", async ({
  page,
  workspace,
  receiver,
}) => {
  receiver.respondWith(410);
  await workspace.setCallbackUrls(receiver.url);
  const instances = ["one", "two", "three"].map((name) => ownInstance(workspace, name));
  await putLogged(workspace, instances);
  await expectLogged(workspace, "failed", 3);
  const acknowledged: (string | null)[] = [];
  receiver.respondWith(({ instanceID }, response) => {
    acknowledged.push(instanceID);
    response.writeHead(200).end();
  });
  await page.goto(`${workspace.path("deliveries")}?status=failed`);
  await rows(page).first().click();
  await page.getByRole("button", { name: "Replay failed deliveries of the endpoint…" }).click();
  const dialog = page.getByRole("dialog", { name: "Replay failed deliveries" });
  await expect(dialog.getByText("3 deliveries will be sent again")).toBeVisible();
  // Another start counts again; a time of one's own has no end.
  await dialog.getByRole("button", { name: "Failed deliveries since" }).click();
  await page.getByRole("option", { name: "A time of your own" }).click();
  await dialog.getByRole("textbox", { name: "Date" }).fill("2026/01/31");
  await expect(dialog.getByText("3 deliveries will be sent again")).toBeVisible();
  await checkA11y(page);
  await screenshot(page, "replay-failed-since");
  await dialog.getByRole("button", { name: "Re-enable and replay 3 deliveries" }).click();
  await expect(page.getByText("Replayed 3 deliveries")).toBeVisible();
  await expectLogged(workspace, "delivered", 3);
  expect(acknowledged.sort()).toEqual(instances.sort());
});
