import { expectLogged, loggedDeliveries, ownInstance, putLogged } from "./support/log";
import {
  expect,
  expectNoSidewaysScrolling,
  expectProgram,
  type Page,
  screenshot,
  test,
} from "./support/test";

/** The width of A4 paper between its margins, in CSS pixels. */
const PAPER_PX = 680;

const panel = (page: Page) => page.locator(".side-panel");

/** Returns the elements of the panel whose content is cut off. */
const cutOff = (page: Page) =>
  panel(page).evaluate((root) =>
    Array.from(root.querySelectorAll("*"))
      .filter((element) => {
        const { overflowX, overflowY } = getComputedStyle(element);
        const isCut =
          (overflowX !== "visible" && element.scrollWidth > element.clientWidth) ||
          (overflowY !== "visible" && element.scrollHeight > element.clientHeight);
        return isCut && element.clientWidth > 1; // a text for screen readers alone has one pixel
      })
      .map((element) => element.outerHTML.slice(0, 200)),
  );

test("a delivery is printed alone, in full and light", async ({ page, workspace, receiver }) => {
  const body = Array.from({ length: 60 }, (_, line) => `line ${line}`).join("\n");
  receiver.respondWith((_, response) => response.writeHead(410, { "content-type": "text/plain" }).end(body));
  await workspace.setCallbackUrls(`${receiver.url}/${"a-long-path/".repeat(20)}`);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await expectLogged(workspace, "failed", 1);
  const [{ deliveryID }] = await loggedDeliveries(workspace);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(workspace.path(`deliveries/${deliveryID}`));
  await expect(panel(page).getByRole("heading", { name: "Attempts" })).toBeVisible();
  await expect(panel(page).getByText("webhook-changed-at")).toBeHidden();
  const pagesFromScreen = await printedPages(page);
  expect(pagesFromScreen).toBeGreaterThan(1);

  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.setViewportSize({ width: PAPER_PX, height: 960 });
  for (const text of [
    "Failed: the endpoint is disabled",
    "line 59",
    "content-type",
    "webhook-changed-at",
    deliveryID,
  ]) {
    await expect(panel(page).getByText(text).first()).toBeVisible();
  }
  await expect(page.getByText("Instance Webhooks").locator("visible=true")).toHaveCount(0);
  for (const role of ["navigation", "grid", "searchbox", "combobox", "switch"] as const) {
    await expect(page.getByRole(role).locator("visible=true"), role).toHaveCount(0);
  }
  // The sections keep their titles, which open and close them on the screen.
  const titles = panel(page).locator("[aria-expanded=true]");
  await expect(titles).toHaveCount(3);
  await expect(page.getByRole("button").locator("visible=true")).toHaveCount(3);
  expect(await cutOff(page)).toEqual([]);
  await expectNoSidewaysScrolling(page);
  const { x, width } = (await panel(page).boundingBox()) ?? { x: -1, width: 0 };
  expect(x).toBeLessThanOrEqual(2);
  expect(width).toBeGreaterThan(PAPER_PX - 10);
  await expect(page.locator("body")).not.toHaveClass(/awsui-dark-mode/);
  await screenshot(page, "delivery-print");
  expect(await printedPages(page), "printed from the screen, nothing is missing").toBe(pagesFromScreen);

  await page.emulateMedia({ media: "screen", colorScheme: "dark" });
  await expect(page.locator("body")).toHaveClass(/awsui-dark-mode/);
  await expect(panel(page).getByText("webhook-changed-at")).toBeHidden();
});

test("a list is printed without navigation, buttons, search and checkboxes", async ({
  page,
  workspace,
  receiver,
}) => {
  await workspace.setCallbackUrls(receiver.url);
  await putLogged(workspace, [ownInstance(workspace, "one")]);
  await page.goto(workspace.path("deliveries"));
  await expect(page.getByRole("link", { name: /: delivery of / })).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("link", { name: /: delivery of / })).toBeVisible();
  await expectProgram(page);
  await expect(page.getByRole("heading", { level: 1, name: "Deliveries" })).toBeVisible();
  await expect(page.getByRole("button").locator("visible=true")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Endpoints" }).locator("visible=true")).toHaveCount(0);
  await expectNoInputs(page);
  await screenshot(page, "deliveries-print");

  await page.emulateMedia({ media: "screen" });
  await page.goto(workspace.path("endpoints"));
  await expect(page.getByRole("checkbox")).not.toHaveCount(0);
  await expect(page.getByRole("searchbox")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("link", { name: receiver.url })).toBeVisible();
  await expectNoInputs(page);
  await screenshot(page, "endpoints-print");
});

async function expectNoInputs(page: Page) {
  await expect(page.locator("input").locator("visible=true")).toHaveCount(0);
}

/** Returns the number of pages that the browser prints. */
async function printedPages(page: Page): Promise<number> {
  const pdf = await page.pdf({ format: "A4" });
  return pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}
