import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { test as base, type CDPSession, expect, type Page } from "@playwright/test";
import { Program } from "./program";
import { Receiver } from "./receiver";
import { removeAllRoutes } from "./routes";

export { type CDPSession, expect, type Page, Program, Receiver };

/** The second backoff step is longer than any test. */
const SETTINGS = { BACKOFF_STEPS_S: "1,3600", RETRY_DELAY_MS: "100" };

interface Fixtures {
  /** A workspace that only this test uses. */
  workspace: Workspace;
  receiver: Receiver;
  /** Errors in the browser's console that the tests of a file provoke. All others fail the test. */
  provokedErrors: RegExp | undefined;
}

/** The API and the instance table, as the test uses them beside the browser. */
export class Workspace {
  constructor(
    readonly name: string,
    private readonly program: Program,
  ) {}

  /** Returns a path of the console. */
  path(view = ""): string {
    return `/workspaces/${this.name}${view && `/${view}`}`;
  }

  /** Calls the API for this workspace. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<any> {
    return this.program.call(method, `/v1/workspaces/${this.name}${path}`, body, headers);
  }

  /** Sets the URLs of all event types. */
  async setCallbackUrls(...urls: string[]) {
    const callback = { enabled: urls.length > 0, urls };
    await this.call("PUT", "/callbacks", { created: callback, updated: callback, deleted: callback });
  }

  /** Creates or updates an instance. */
  async putInstance(instance: string, processName = "Order", attributes: Record<string, string> = {}) {
    await this.program.call("PUT", `/local/instances/${encodeURIComponent(instance)}`, {
      processName,
      workspaceID: this.name,
      attributes,
    });
  }

  async deleteInstance(instance: string) {
    await this.program.call("DELETE", `/local/instances/${encodeURIComponent(instance)}`);
  }
}

export const test = base.extend<Fixtures & { clean: undefined }, { program: Program }>({
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const program = await Program.start(SETTINGS);
      await use(program);
      await program.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ program }, use) => use(program.url),
  workspace: async ({ program }, use) => use(new Workspace(`w-${randomUUID().slice(0, 8)}`, program)),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },
  provokedErrors: [undefined, { option: true }],
  // Removes the routes after each test, and fails if the browser reported an error.
  clean: [
    async ({ context, provokedErrors }, use) => {
      const browserErrors: string[] = [];
      context.on("weberror", (error) => browserErrors.push(String(error.error().stack ?? error.error())));
      context.on("console", (message) => {
        // The browser reports failed requests itself. Tests of such requests assert the page instead.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          browserErrors.push(message.text());
        }
      });
      await use(undefined);
      await removeAllRoutes(context);
      expect(
        browserErrors.filter((error) => !provokedErrors?.test(error)),
        "errors in the browser's console, violations of the policy among them",
      ).toEqual([]);
    },
    { auto: true },
  ],
});

/** Waits until the program shows the view in place of the frame, which has the same title and links. */
export const expectProgram = (page: Page) => expect(page.locator("#frame")).toHaveCount(0);

/** Asserts that axe finds no violation. */
export async function checkA11y(page: Page) {
  expect(await a11yViolations(page), "axe").toEqual([]);
}

/** Returns what axe finds: violations of WCAG 2.2 A and AA, and of its best practices. */
export async function a11yViolations(page: Page): Promise<string[]> {
  // What the mouse happens to be over may be dimmed, such as a chart's legend.
  await page.mouse.move(0, 0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`,
  );
}

/** Saves a screenshot as an artifact of the run. */
export async function screenshot(page: Page, name: string) {
  mkdirSync("results/screenshots", { recursive: true });
  await page.screenshot({ path: `results/screenshots/${name}.png` });
}

/** Saves screenshots in light and dark mode, and on a phone. */
export async function screenshots(page: Page, name: string) {
  const size = page.viewportSize();
  await screenshot(page, name);
  await page.emulateMedia({ colorScheme: "dark" });
  await screenshot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoSidewaysScrolling(page);
  await screenshot(page, `${name}-narrow`);
  if (size) {
    await page.setViewportSize(size);
  }
}

export async function expectNoSidewaysScrolling(page: Page) {
  // Scripts lay out parts of the page shortly after a resize.
  await expect(async () => {
    const { inner, content } = await page.evaluate(() => ({
      inner: document.documentElement.clientWidth,
      content: document.documentElement.scrollWidth,
    }));
    expect(content, "the page is no wider than the window").toBeLessThanOrEqual(inner);
  }).toPass();
}
