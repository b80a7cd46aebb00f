import type { BrowserContext, Page } from "@playwright/test";
import { PATIENCE_MS } from "./patience";

/** Answers the calls of these addresses with the program's JSON, changed. */
export async function changeAnswers(page: Page, url: string, change: (json: any) => unknown) {
  await page.route(url, async (route) => {
    const response = await route.fetch({ timeout: PATIENCE_MS });
    await route.fulfill({ response, json: change(await response.json()) });
  });
}

/** Holds the answers to the calls of these addresses back until `act` is done. */
export async function holdAnswers(page: Page, url: string, act: () => Promise<void>) {
  let release = () => {};
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(url, async (route) => {
    const response = await route.fetch({ timeout: PATIENCE_MS });
    await done;
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
 * an answer while its page is closed fails the test, or the next one.
 */
export async function unroute(page: Page) {
  await page.unrouteAll({ behavior: "wait" });
}

/** Removes every route of a test, at its end. */
export async function unrouteEverything(context: BrowserContext) {
  await Promise.all(context.pages().map(unroute));
  await context.unrouteAll({ behavior: "wait" });
}
