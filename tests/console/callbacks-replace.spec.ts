import { Dialog } from "./support/dialog";
import { expectLogged, loggedDeliveries, ownInstance } from "./support/log";
import {
  checkA11y,
  expect,
  type Page,
  type Receiver,
  screenshots,
  test,
  type Workspace,
} from "./support/test";

const question = (page: Page) => page.getByRole("dialog", { name: /pending for|has settings/ });
const save = (page: Page) => question(page).getByRole("button", { name: "Save", exact: true });

const pathsOf = ({ requests }: Receiver) => requests.map(({ target }) => target.split("?")[0]);

/** Lets 41 deliveries of one instance become pending for the path `/old`, which is paused. */
async function keepPending(workspace: Workspace, receiver: Receiver) {
  const updated = { enabled: true, urls: [`${receiver.url}/other`, `${receiver.url}/old`] };
  await workspace.call("PUT", "/callbacks", { updated });
  const endpoint = async () =>
    (await workspace.call("GET", "/endpoints")).endpoints.find(({ url }: any) => url.endsWith("/old"));
  const { endpointID } = await endpoint();
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { maxPerSecond: 700, paused: true });
  const instance = ownInstance(workspace, "order");
  for (let version = 0; version < 42; version++) {
    await workspace.putInstance(instance); // the first one creates it
  }
  await expect.poll(async () => (await endpoint()).backlog.pending).toBe(41);
  const pending = await loggedDeliveries(workspace, `endpointID=${endpointID}`);
  return { endpointID, eventIDs: pending.map(({ eventID }) => eventID).reverse() };
}

test("41 pending deliveries move to the URL that replaces theirs, in order", async ({
  page,
  workspace,
  receiver,
}) => {
  const { eventIDs } = await keepPending(workspace, receiver);
  expect(new Set(eventIDs).size).toBe(41);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("updated").fill(`${receiver.url}/other\n${receiver.url}/new`);
  await dialog.ok();
  await expect(question(page)).toContainText("41 deliveries are pending for a URL that you remove");
  await expect(question(page)).toContainText(
    "41 deliveries are pending for this URL. It has settings of its own: a pause and a rate limit of 700 per second.",
  );
  // The URL in the same line is proposed.
  await expect(question(page).getByRole("button", { name: /What happens to them/ })).toContainText(
    `Move deliveries and settings to ${receiver.url}/new`,
  );
  expect((await workspace.call("GET", "/callbacks")).version, "nothing is saved yet").toBe(1);
  await checkA11y(page);
  await screenshots(page, "callbacks-replace");
  await save(page).click();
  await dialog.isClosed();

  const { endpoints } = await workspace.call("GET", "/endpoints");
  expect(endpoints.map(({ url, settings }: any) => [url, settings.paused, settings.maxPerSecond])).toEqual([
    [`${receiver.url}/other`, false, null],
    [`${receiver.url}/new`, true, 700],
  ]);
  expect(pathsOf(receiver)).not.toContain("/new");
  await workspace.call("PATCH", `/endpoints/${endpoints[1].endpointID}`, { paused: false });
  const arrived = () =>
    receiver.requests
      .filter(({ target }) => target.startsWith("/new"))
      .map(({ headers }) => headers["webhook-id"]);
  await expect.poll(() => new Set(arrived()).size).toBe(41);
  expect([...new Set(arrived())]).toEqual(eventIDs);
  expect(pathsOf(receiver)).not.toContain("/old");
  expect(await loggedDeliveries(workspace, "status=failed")).toEqual([]);
});

test("pending deliveries can be given up, after a question", async ({ page, workspace, receiver }) => {
  await keepPending(workspace, receiver);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("updated").fill(`${receiver.url}/other\n${receiver.url}/new`);
  await dialog.ok();
  await question(page).getByRole("button", { name: "Back to editing" }).last().click();
  await expect(question(page)).toHaveCount(0);
  await expect(dialog.urls("updated")).toHaveValue(`${receiver.url}/other\n${receiver.url}/new`);
  expect((await workspace.call("GET", "/callbacks")).version).toBe(1);

  await dialog.ok();
  await question(page)
    .getByRole("button", { name: /What happens to them/ })
    .click();
  await page.getByRole("option", { name: "Fail the deliveries, drop the settings" }).click();
  await save(page).click();
  await dialog.isClosed();
  await expectLogged(workspace, "failed", 41);
  expect(pathsOf(receiver)).not.toContain("/new");
  const { endpoints } = await workspace.call("GET", "/endpoints");
  expect(endpoints.map(({ settings }: any) => settings.maxPerSecond)).toEqual([null, null]);
});

test("removing a URL, and turning its event type off, says what fails", async ({
  page,
  workspace,
  receiver,
}) => {
  await keepPending(workspace, receiver);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("updated").fill(`${receiver.url}/other`);
  await dialog.ok();
  await expect(question(page)).toContainText("If you save, they fail.");
  await expect(question(page).getByRole("button", { name: "Save anyway" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(question(page)).toHaveCount(0);
  await expect(page.getByRole("dialog"), "Escape closes one dialog").toHaveCount(1);

  await dialog.urls("updated").fill(`${receiver.url}/other\n${receiver.url}/old`);
  await dialog.toggle("updated").uncheck();
  await dialog.ok();
  await expect(question(page)).toContainText(
    "It is no longer called for updated events: deliveries of these fail.",
  );
  await checkA11y(page);
  await question(page).getByRole("button", { name: "Save anyway" }).click();
  await dialog.isClosed();
  const { updated, version } = await workspace.call("GET", "/callbacks");
  expect([updated.enabled, updated.urls.length, version]).toEqual([false, 2, 2]);
});

test("a URL of which nothing is left is replaced without a question", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(`${receiver.url}/old`);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  for (const eventType of ["created", "updated", "deleted"] as const) {
    await dialog.urls(eventType).fill(`${receiver.url}/new`);
  }
  await dialog.ok();
  await dialog.isClosed();
  expect((await workspace.call("GET", "/callbacks")).version).toBe(2);
});
