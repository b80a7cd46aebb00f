import { expectLogged, ownInstance, putLogged, rowOf, rows } from "./support/log";
import { holdRequests, removeRoutes } from "./support/routes";
import { expect, type Page, test, type Workspace } from "./support/test";

const ROWS = 40;

/** Number of polls without a change in which nothing may happen. */
const POLLS = 4;

/** The deliveries look old, so that no time on the page changes during a test. */
const AGE_MS = 90 * 60_000;

interface Counts {
  /** Changes of the document. */
  mutations: number;
  /** Times that were rendered: one with each row. */
  times: number;
}

/** Opens the log of some deliveries, and returns the function that counts what happens on the page. */
async function openLog(page: Page, workspace: Workspace): Promise<() => Promise<Counts>> {
  await putLogged(
    workspace,
    Array.from({ length: ROWS }, (_, index) => ownInstance(workspace, `instance-${index}`)),
  );
  await expectLogged(workspace, "delivered", ROWS);
  await page.addInitScript((age) => {
    const { now } = Date;
    Date.now = () => now() + age;
    const counts = { mutations: 0, times: 0 };
    const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format");
    Object.defineProperty(Intl.DateTimeFormat.prototype, "format", {
      get() {
        counts.times++;
        return format?.get?.call(this);
      },
    });
    new MutationObserver((records) => {
      counts.mutations += records.length;
    }).observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    Object.assign(window, { counts });
  }, AGE_MS);
  await page.goto(workspace.path("deliveries"));
  await expect(rows(page)).toHaveCount(ROWS);
  return () => page.evaluate(() => ({ ...(window as any).counts }));
}

/** Waits for that many more responses to polls of the log. */
async function polls(page: Page, count: number, status: number) {
  for (let seen = 0; seen < count; seen++) {
    await page.waitForResponse(
      (response) => response.url().includes("/deliveries?") && response.status() === status,
    );
  }
}

test.beforeEach(async ({ workspace, receiver }) => workspace.setCallbackUrls(receiver.url));

test("a live log in which nothing happens renders nothing", async ({ page, workspace }) => {
  const counts = await openLog(page, workspace);
  await polls(page, 1, 304);
  const before = await counts();
  expect(before.times, "rows are counted").toBeGreaterThanOrEqual(ROWS);
  await polls(page, POLLS, 304);
  expect(await counts()).toEqual(before);
});

test("a delivery that comes into a live log renders its own row alone", async ({ page, workspace }) => {
  const counts = await openLog(page, workspace);
  await polls(page, 1, 304);
  const before = await counts();
  const arrived = ownInstance(workspace, "arrived");
  // The poll after it finds the delivery completed: a pending one would be rendered once more.
  await holdRequests(page, ({ pathname }) => pathname.endsWith("/deliveries"));
  await page.waitForRequest(/\/deliveries\?/);
  await workspace.putInstance(arrived);
  await expectLogged(workspace, "delivered", ROWS + 1);
  await removeRoutes(page);
  await expect(rowOf(page, arrived)).toBeVisible();
  await polls(page, 1, 304);
  const { times, mutations } = await counts();
  expect(times - before.times, "one row").toBe(1);
  expect(mutations).toBeGreaterThan(before.mutations);
});
