import type { BrowserContext, Page } from "@playwright/test";
import { WAIT_TIMEOUT_MS } from "./timeouts";

/** Answers the calls of these addresses with the program's JSON, changed. */
export async function changeResponses(page: Page, url: string | RegExp, change: (json: any) => unknown) {
  await page.route(url, async (route) => {
    const response = await route.fetch({ timeout: WAIT_TIMEOUT_MS });
    await route.fulfill({ response, json: change(await response.json()) });
  });
}

/** What ends the waits of a page's handlers. */
const releases = new WeakMap<Page, (() => void)[]>();

/** A wait that ends when the routes of the page are removed, at the latest. */
function untilReleased(page: Page): { released: Promise<void>; release: () => void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  releases.set(page, [...(releases.get(page) ?? []), release]);
  return { released, release };
}

/** Holds requests back until the routes of the page are removed. */
export async function holdRequests(page: Page, url: (url: URL) => boolean) {
  const { released } = untilReleased(page);
  await page.route(url, async (route) => {
    await released;
    await route.continue();
  });
}

/** Holds the answers to the calls of these addresses back until `act` is done. */
export async function holdResponses(page: Page, url: string, act: () => Promise<void>) {
  const { released, release } = untilReleased(page);
  await page.route(url, async (route) => {
    const response = await route.fetch({ timeout: WAIT_TIMEOUT_MS });
    await released;
    await route.fulfill({ response });
  });
  try {
    await act();
  } finally {
    release();
  }
}

/**
 * Removes the routes of a page, and waits for the handlers that are running: `page.unroute` does not. A handler that reads
 * an answer while its page is closed fails the test, or the next one. A route that nobody ever handles would be waited for
 * until the test's time is over: requests are held by [holdRequests].
 */
export async function removeRoutes(page: Page) {
  for (const release of releases.get(page) ?? []) {
    release();
  }
  releases.delete(page);
  await page.unrouteAll({ behavior: "wait" });
}

/** Removes every route of a test, at its end. */
export async function removeAllRoutes(context: BrowserContext) {
  await Promise.all(context.pages().map(removeRoutes));
  await context.unrouteAll({ behavior: "wait" });
}
