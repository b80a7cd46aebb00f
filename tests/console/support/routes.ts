import type { BrowserContext, Page } from "@playwright/test";
import { WAIT_TIMEOUT_MS } from "./timeouts";

/** Changes the program's JSON responses to these addresses. */
export async function changeResponses(page: Page, url: string | RegExp, change: (json: any) => unknown) {
  await page.route(url, async (route) => {
    // As to one who has nothing yet: what is current has no body to change.
    const { "if-none-match": _tag, ...headers } = route.request().headers();
    const response = await route.fetch({ headers, timeout: WAIT_TIMEOUT_MS });
    await route.fulfill({ response, json: change(await response.json()) });
  });
}

/** The shortest polling interval of a view. */
const POLL_INTERVAL_MS = 3_000;

/** Stops the polls of the pages that are opened from now on: what a poll would read again stays as it is. */
export async function withoutPolls(page: Page) {
  await page.addInitScript((shortest) => {
    const { setInterval } = window;
    const stopped = (act: () => void, ms = 0) => (ms < shortest ? setInterval(act, ms) : 0);
    Object.assign(window, { setInterval: stopped });
  }, POLL_INTERVAL_MS);
}

/** Functions that release the waiting handlers of a page. */
const releases = new WeakMap<Page, (() => void)[]>();

/** Returns a promise that is resolved by `release`, or when the routes of the page are removed. */
function untilReleased(page: Page): { released: Promise<void>; release: () => void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  releases.set(page, [...(releases.get(page) ?? []), release]);
  return { released, release };
}

/** Holds requests until the routes of the page are removed. */
export async function holdRequests(page: Page, url: (url: URL) => boolean) {
  const { released } = untilReleased(page);
  await page.route(url, async (route) => {
    await released;
    await route.continue();
  });
}

/** Holds the responses to these requests until `act` is done. */
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
 * Removes the routes of a page and waits for running handlers, which `page.unroute` does not. A handler that reads a
 * response while its page closes would fail this test or the next one. Requests must be held with `holdRequests`,
 * because a route that is never handled would block until the test times out.
 */
export async function removeRoutes(page: Page) {
  for (const release of releases.get(page) ?? []) {
    release();
  }
  releases.delete(page);
  await page.unrouteAll({ behavior: "wait" });
}

/** Removes all routes at the end of a test. */
export async function removeAllRoutes(context: BrowserContext) {
  await Promise.all(context.pages().map(removeRoutes));
  await context.unrouteAll({ behavior: "wait" });
}
