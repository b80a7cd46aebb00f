import { Dialog } from "./support/dialog";
import { endpointOf } from "./support/endpoint-page";
import { tabTo } from "./support/keyboard";
import { expectLogged, loggedDeliveries, ownInstance, putLogged } from "./support/log";
import {
  a11yViolations,
  checkA11y,
  expect,
  expectNoSidewaysScrolling,
  expectProgram,
  type Page,
  type Receiver,
  screenshot,
  test,
  type Workspace,
} from "./support/test";

/** Widths of windows in CSS pixels: a desktop, a tablet, a window of 1280 pixels at 200 % zoom, and a phone. */
const WIDTHS = [1440, 768, 640, 360];

/** A view with the URL that it is opened at, and what shows that its data has arrived. */
interface View {
  name: string;
  open: (page: Page, workspace: Workspace, receiver: Receiver) => Promise<void>;
}

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });

const callsBuiltInReceiver = async (workspace: Workspace): Promise<boolean> =>
  JSON.stringify(await workspace.call("GET", "/callbacks")).includes("/local/receiver/created");

const VIEWS: View[] = [
  {
    name: "overview",
    open: async (page, workspace) => {
      await page.goto(workspace.path());
      await expectProgram(page);
      await expect(heading(page, "Overview")).toBeVisible();
      await expect(page.getByText("Success rate").first()).toBeVisible();
    },
  },
  {
    name: "callbacks",
    open: async (page, workspace, receiver) => {
      await page.goto(workspace.path("callbacks"));
      await expectProgram(page);
      await expect(page.getByText(`${receiver.url}/delivered`).first()).toBeVisible();
    },
  },
  {
    name: "dialog",
    open: async (page, workspace) => {
      await Dialog.open(page, workspace.path("callbacks/edit"));
    },
  },
  {
    name: "deliveries",
    open: async (page, workspace) => {
      await page.goto(workspace.path("deliveries"));
      await expectProgram(page);
      await expect(page.getByRole("link", { name: /: delivery of / }).first()).toBeVisible();
    },
  },
  {
    name: "delivery",
    open: async (page, workspace) => {
      const [{ deliveryID }] = await loggedDeliveries(workspace, "status=failed");
      await page.goto(workspace.path(`deliveries/${deliveryID}`));
      await expectProgram(page);
      await expect(page.getByRole("heading", { name: "Attempts" })).toBeVisible();
    },
  },
  {
    name: "endpoints",
    open: async (page, workspace, receiver) => {
      await page.goto(workspace.path("endpoints"));
      await expectProgram(page);
      await expect(page.getByRole("link", { name: `${receiver.url}/delivered` })).toBeVisible();
    },
  },
  {
    name: "endpoint",
    open: async (page, workspace, receiver) => {
      const { endpointID } = await endpointOf(workspace, `${receiver.url}/paused`);
      await page.goto(workspace.path(`endpoints/${endpointID}`));
      await expectProgram(page);
      await expect(page.getByText("Paused until it is resumed")).toBeVisible();
      await expect(page.getByRole("heading", { name: "Changes" })).toBeVisible();
      await expect(page.getByRole("heading", { name: "Previous secrets" })).toBeVisible();
    },
  },
  {
    name: "signing",
    open: async (page, workspace) => {
      await page.goto(workspace.path("signing"));
      await expectProgram(page);
      await expect(page.getByRole("heading", { name: "Previous keys" })).toBeVisible();
    },
  },
  {
    name: "audit",
    open: async (page, workspace) => {
      await page.goto(workspace.path("audit"));
      await expectProgram(page);
      await expect(page.getByText("Updated callback URLs").first()).toBeVisible();
    },
  },
  {
    name: "try-it",
    open: async (page, workspace) => {
      await page.goto(workspace.path("try-it"));
      await expectProgram(page);
      await page.getByRole("button", { name: "Use the built-in receiver" }).click();
      await expect.poll(() => callsBuiltInReceiver(workspace)).toBe(true);
      await workspace.putInstance(ownInstance(workspace, "try-it"));
      await expect(page.getByText("1 request", { exact: true })).toBeVisible();
    },
  },
  {
    name: "fleet",
    open: async (page, workspace) => {
      await page.goto(`/workspaces?prefix=${workspace.name}`);
      await expect(page.getByText("1 paused")).toBeVisible();
    },
  },
  {
    name: "workspaces",
    open: async (page, workspace) => {
      await page.goto(workspace.path("audit"));
      await expectProgram(page);
      await page.getByRole("button", { name: `Workspace ${workspace.name}` }).click();
      await page.getByRole("menuitem", { name: "Another workspace…" }).click();
      await expect(page.getByRole("dialog", { name: "Another workspace" })).toBeVisible();
    },
  },
];

for (const { name, open } of VIEWS) {
  test(`${name}: accessible at every width, in light and dark`, async ({ page, workspace, receiver }) => {
    await prepare(workspace, receiver);
    await open(page, workspace, receiver);
    const found: Record<string, string[]> = {};
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expectNoSidewaysScrolling(page);
        await screenshot(page, `access-${name}-${width}-${colorScheme}`);
        const violations = await a11yViolations(page);
        if (violations.length > 0) {
          found[`${width}, ${colorScheme}`] = violations;
        }
      }
    }
    expect(found, "axe").toEqual({});
  });
}

test("empty lists are accessible in a narrow window", async ({ page, workspace }) => {
  await page.setViewportSize({ width: 360, height: 900 });
  for (const [view, text] of [
    ["deliveries", "No deliveries"],
    ["endpoints", "No endpoints yet"],
    ["audit", "No changes yet"],
    ["try-it", "No requests yet"],
  ] as const) {
    await page.goto(workspace.path(view));
    await expectProgram(page);
    await expect(page.getByText(text).first()).toBeVisible();
    await expectNoSidewaysScrolling(page);
    await checkA11y(page);
  }
});

test("cards are a table for screen readers, and reached by Tab", async ({ page, workspace, receiver }) => {
  await prepare(workspace, receiver);
  await page.setViewportSize({ width: 360, height: 900 });
  await page.goto(workspace.path("endpoints"));
  await expectProgram(page);
  const link = page.getByRole("link", { name: `${receiver.url}/delivered` });
  await expect(link).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Backlog" }));
  await tabTo(page, page.getByRole("checkbox", { name: `Select ${receiver.url}/delivered` }));
  await page.keyboard.press("Tab");
  await expect(link).toBeFocused();

  const browser = await page.context().newCDPSession(page);
  await expect(async () => {
    const { nodes } = await browser.send("Accessibility.getFullAXTree");
    const names = (role: string) =>
      nodes.filter((node) => !node.ignored && node.role?.value === role).map((node) => node.name?.value);
    expect(names("columnheader")).toEqual(expect.arrayContaining(["Endpoint", "Next attempt", "Settings"]));
    expect(names("rowheader")).toHaveLength(3);
    expect(names("row")).toHaveLength(4);
    // The labels in the cards are for the eye: a cell is named by its value alone.
    expect(names("cell")).toContain("When it is resumed");
  }).toPass();
});

/** Makes delivered, pending and failed deliveries, a paused endpoint, and an earlier secret. */
async function prepare(workspace: Workspace, receiver: Receiver) {
  receiver.respondWith(({ target }, response) =>
    response
      .writeHead(target.startsWith("/gone") ? 410 : 200, { "content-type": "text/plain" })
      .end("answered"),
  );
  const urls = ["delivered", "gone", "paused"].map((path) => `${receiver.url}/${path}`);
  await workspace.setCallbackUrls(...urls);
  const { endpointID } = await endpointOf(workspace, `${receiver.url}/paused`);
  await workspace.call("PATCH", `/endpoints/${endpointID}`, { paused: true, name: "Order intake" });
  await putLogged(workspace, [ownInstance(workspace, "one")], urls.length);
  for (const status of ["delivered", "pending", "failed"]) {
    await expectLogged(workspace, status, 1);
  }
  await workspace.call("POST", "/signing-secret/rotate", { overlapSeconds: 3600 });
}
