import { type CDPSession, expect, type Page, test } from "./support/test";

const VIEWS = ["callbacks/edit", "", "callbacks", "deliveries", "endpoints", "signing", "audit", "try-it"];

/** Slow 4G, as Lighthouse emulates it. */
const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: (1_638_400 * 0.9) / 8,
  uploadThroughput: (768_000 * 0.9) / 8,
};

/** How much slower the processor of a phone is. */
const CPU = 4;

const ROWS = 200;
const MINUTE_MS = 60_000;

const row = (name: string, value: string) => process.stdout.write(`${name.padEnd(48)} ${value}\n`);

/** Notes the largest paint of the page that is opened next, while its element is there. */
async function observeLargestPaint(page: Page) {
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      // The type is not in TypeScript's library.
      const { startTime, size, element } = list.getEntries().at(-1) as any;
      const text = element?.textContent.replace(/\s+/g, " ").slice(0, 40);
      Object.assign(window, {
        largest: { startTime, what: `${element?.localName} of ${size} px²: ${text}` },
      });
    }).observe({ type: "largest-contentful-paint", buffered: true });
  });
}

/** Describes what a user sees when: the largest paint, and the program in place of the frame. */
async function paints(page: Page): Promise<string> {
  await page.waitForTimeout(8_000);
  return page.evaluate(() => {
    const { startTime, what } = (window as any).largest;
    const program = ["dialog", "view"].flatMap((name) => performance.getEntriesByName(name))[0]?.startTime;
    return `${startTime.toFixed(0)} ms, the program's ${program?.toFixed(0)} ms (${what})`;
  });
}

/** Returns the processor time that the main thread has worked, in seconds. */
async function worked(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
}

for (const view of VIEWS) {
  test(`largest paint of ${view || "overview"}`, async ({ page, workspace, receiver }) => {
    await workspace.setCallbackUrls(receiver.url);
    await workspace.putInstance("first");
    await expect.poll(() => receiver.requests.length).toBe(1);
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", SLOW_4G);
    await session.send("Emulation.setCPUThrottlingRate", { rate: CPU });
    await observeLargestPaint(page);
    await page.goto(workspace.path(view));
    row(`largest paint of ${view || "overview"}, slow 4G, ${CPU} × CPU`, await paints(page));
  });
}

test(`main thread of a live log of ${ROWS} rows`, async ({ page, workspace, receiver }) => {
  test.setTimeout(5 * MINUTE_MS);
  await workspace.setCallbackUrls(receiver.url);
  for (let instance = 0; instance < ROWS; instance++) {
    await workspace.putInstance(`instance-${instance}`);
  }
  await expect.poll(() => receiver.requests.length).toBe(ROWS);
  await page.addInitScript(
    (pageSize) => localStorage.setItem("deliveries", JSON.stringify({ pageSize })),
    ROWS,
  );
  await page.goto(workspace.path("deliveries"));
  await expect(page.getByRole("row")).toHaveCount(ROWS + 1);
  const session = await page.context().newCDPSession(page);
  // Of this thread alone: the time of a task would include that in which other programs have the processor.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.waitForTimeout(5_000);

  const idle = await worked(session);
  await page.waitForTimeout(MINUTE_MS);
  const writes = await worked(session);
  row(`main thread of a live log of ${ROWS} rows, no writes`, `${(writes - idle).toFixed(2)} s a minute`);
  for (let second = 0; second < MINUTE_MS / 1_000; second++) {
    await workspace.putInstance(`instance-${second}`);
    await page.waitForTimeout(1_000);
  }
  row("the same, one write a second", `${((await worked(session)) - writes).toFixed(2)} s a minute`);
});
