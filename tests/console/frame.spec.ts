import { ALL_WORKSPACES, NAVIGATION, SECTIONS, VIEWS, type View } from "../../console/src/labels/views";
import { holdRequests, removeRoutes } from "./support/routes";
import { checkA11y, expect, expectNoSidewaysScrolling, expectProgram, type Page, test } from "./support/test";

const PATHS: Record<View, string> = {
  overview: "",
  callbacks: "callbacks",
  deliveries: "deliveries",
  endpoints: "endpoints",
  signing: "signing",
  audit: "audit",
  tryIt: "try-it",
};

interface Text {
  title: string;
  description: string;
}

const ALL = Object.keys(PATHS) as View[];

/** Difference of positions that no user sees, in pixels. */
const NEAR_PX = 2;

/** Width of the window from which the navigation is open at first. */
const WIDE_PX = 1024;

const isScript = ({ pathname }: URL) => pathname.startsWith("/assets/") && pathname.endsWith(".js");
const isProgram = (url: URL) => isScript(url) && !url.pathname.startsWith("/assets/early-");

/** The frame, or the program: whichever is shown. */
const title = (page: Page) => page.getByRole("heading", { level: 1 });

/** Position, size and colours of what the frame and the program have in common. */
async function look(page: Page, { description }: Text, hasNavigation: boolean) {
  const wide = (page.viewportSize()?.width ?? 0) >= WIDE_PX;
  const elements = {
    title: title(page),
    // In a narrow window it is below the actions, which come with the program.
    ...(wide && { description: page.getByText(description, { exact: true }) }),
    ...(wide &&
      hasNavigation && {
        navigation: page.getByRole("navigation").getByRole("link", { name: NAVIGATION }),
        first: page.getByRole("navigation").getByRole("link", { name: VIEWS.overview.title }),
        last: page.getByRole("navigation").getByRole("link", { name: VIEWS.tryIt.title }),
      }),
  };
  const looks: Record<string, unknown> = {};
  for (const [name, element] of Object.entries(elements)) {
    looks[name] = await element.evaluate((node) => {
      // The text, because boxes around it differ.
      const range = document.createRange();
      range.selectNodeContents(document.createTreeWalker(node, NodeFilter.SHOW_TEXT).nextNode() ?? node);
      const { x, y, height } = range.getBoundingClientRect();
      const { color, fontSize, fontWeight, letterSpacing } = getComputedStyle(
        range.startContainer.parentElement ?? node,
      );
      return { x, y, height, color, fontSize, fontWeight, letterSpacing };
    });
  }
  return looks as Record<string, { x: number; y: number; color: string }>;
}

/** Compares the frame at an address with the program that replaces it. */
async function compareLooks(page: Page, path: string, text: Text, hasNavigation = true) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1440, 768, 360]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await holdRequests(page, isProgram);
      await page.goto(path, { waitUntil: "commit" });
      await expect(title(page)).toHaveText(text.title);
      await expectNoSidewaysScrolling(page);
      const before = await look(page, text, hasNavigation);
      await removeRoutes(page);
      await expectProgram(page);
      await expect(title(page)).toHaveCount(1);
      const after = await look(page, text, hasNavigation);
      for (const [name, { x, y, ...rest }] of Object.entries(after)) {
        const { x: xBefore, y: yBefore, ...restBefore } = before[name] ?? { x: 0, y: 0 };
        const where = `${name} at ${width} pixels, ${colorScheme}`;
        expect(restBefore, where).toEqual(rest);
        expect(Math.abs(x - xBefore), `${where}: x`).toBeLessThanOrEqual(NEAR_PX);
        expect(Math.abs(y - yBefore), `${where}: y`).toBeLessThanOrEqual(NEAR_PX);
      }
    }
  }
}

for (const view of ALL) {
  const name = PATHS[view] || "overview";
  test(`${name} shows its frame before any script has run`, async ({ page, workspace }) => {
    await page.route(isScript, (route) => route.abort());
    await page.goto(workspace.path(PATHS[view]));
    await expect(title(page)).toHaveText(VIEWS[view].title);
    await expect(page.getByText(VIEWS[view].description)).toBeVisible();
    const entries = page.getByRole("navigation").getByRole("listitem");
    await expect(entries).toHaveText(SECTIONS.flatMap(({ views }) => views.map((view) => VIEWS[view].title)));
    await expect(page.locator('[aria-current="page"]')).toHaveText(VIEWS[view].title);
    await expect(page).toHaveTitle(`${VIEWS[view].title} – Instance Webhooks`);
  });

  test(`the frame of ${name} looks as the program does`, async ({ page, workspace }) => {
    await compareLooks(page, workspace.path(PATHS[view]), VIEWS[view]);
  });
}

test("the frame of all workspaces looks as the program does", async ({ page }) => {
  await compareLooks(page, "/workspaces", ALL_WORKSPACES, false);
});

test("axe finds nothing in the frames", async ({ page, workspace }) => {
  await page.route(isProgram, (route) => route.abort());
  const views = [...Object.values(PATHS), "callbacks/edit", "deliveries/01"].map((view) =>
    workspace.path(view),
  );
  for (const path of [...views, "/workspaces"]) {
    for (const [width, colorScheme] of [
      [1280, "light"],
      [360, "dark"],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(path);
      await checkA11y(page);
    }
  }
});

test("a link of the frame leads to its view without the program", async ({ page, workspace }) => {
  await page.route(isProgram, (route) => route.abort());
  await page.goto(workspace.path());
  for (const view of [...ALL, "overview"] as View[]) {
    await page.getByRole("navigation").getByRole("link", { name: VIEWS[view].title, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`${workspace.path(PATHS[view])}$`));
    await expect(title(page)).toHaveText(VIEWS[view].title);
  }
});

test("the focus stays on its link when the program comes", async ({ page, workspace }) => {
  await holdRequests(page, isProgram);
  await page.goto(workspace.path("audit"), { waitUntil: "commit" });
  const link = page.getByRole("navigation").getByRole("link", { name: VIEWS.signing.title });
  await link.focus();
  await removeRoutes(page);
  await expectProgram(page);
  await expect(link).toBeFocused();
});

test("a chosen theme is the frame's too", async ({ page, workspace }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.addInitScript(() => localStorage.setItem("theme", "dark"));
  await page.route(isProgram, (route) => route.abort());
  await page.goto(workspace.path("audit"));
  await expect(title(page)).toHaveCSS("color", "rgb(235, 235, 240)");
});

test("the dialog shows its title and its first sentence before the program", async ({ page, workspace }) => {
  await holdRequests(page, isProgram);
  await page.goto(workspace.path("callbacks/edit"), { waitUntil: "commit" });
  const dialog = page.getByRole("dialog", { name: VIEWS.callbacks.title });
  await expect(dialog).toBeVisible();
  const lead = dialog.getByText(`When an instance of the workspace ${workspace.name} changes`);
  await expect(lead).toBeVisible();
  const before = await lead.boundingBox();
  await removeRoutes(page);
  await expect(page.locator("#frame-dialog")).toHaveCount(0);
  await expect(dialog).toHaveCount(1);
  const after = await lead.boundingBox();
  expect(Math.abs((after?.x ?? 0) - (before?.x ?? 0)), "x").toBeLessThanOrEqual(NEAR_PX);
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0)), "y").toBeLessThanOrEqual(NEAR_PX);
});
