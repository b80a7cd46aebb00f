import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { WAIT_TIMEOUT_MS } from "./timeouts";

const manifest: Record<string, { file: string; css?: string[] }> = JSON.parse(
  readFileSync(new URL("../../../console/dist/.vite/manifest.json", import.meta.url), "utf8"),
);
/** Names of the built files. */
const names = [...new Set(Object.values(manifest).flatMap(({ file, css }) => [file, ...(css ?? [])]))].map(
  (file) => basename(file),
);
const anyName = new RegExp(names.map((name) => name.replaceAll(".", "\\.")).join("|"), "g");

const MARK = ".next";
const renamed = (name: string) => name.replace(/\.(?=\w+$)/, `${MARK}.`);

/** What is deployed at the page's origin from now on. */
export type Deployed =
  /** Another build: each file has another name, and the earlier names are gone. */
  | "next"
  /** The same build, of which only what the page has loaded can be loaded. */
  | "broken";

/** Replaces the console that is served to a page, as a deployment does. */
export async function deploy(page: Page, deployed: Deployed) {
  const loaded = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname),
  );
  await page.route(
    (url) => url.pathname.startsWith("/assets/") || !/^\/(v1|local|console\.json)\b/.test(url.pathname),
    async (route) => {
      const url = new URL(route.request().url());
      const isAsset = url.pathname.startsWith("/assets/");
      if (deployed === "broken") {
        return isAsset && !loaded.includes(url.pathname)
          ? route.fulfill({ status: 404, body: "" })
          : route.fallback();
      }
      if (isAsset && !url.pathname.includes(MARK)) {
        return route.fulfill({ status: 404, body: "" });
      }
      const response = await route.fetch({
        url: url.href.replace(MARK, ""),
        timeout: WAIT_TIMEOUT_MS,
      });
      return route.fulfill({ response, body: (await response.text()).replace(anyName, renamed) });
    },
  );
}

/** Counts how often the page is loaded from now on. */
export function countLoads(page: Page): () => number {
  let loads = 0;
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
      loads += 1;
    }
  });
  return () => loads;
}
