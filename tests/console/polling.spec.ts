import { expectLogged, ownInstance } from "./support/log";
import { expect, expectProgram, type Page, test } from "./support/test";

/** Views that poll, each with one of its calls. */
const POLLED = { "": "endpoints", callbacks: "callbacks", deliveries: "deliveries", endpoints: "endpoints" };

/** Records the status of each of the API's responses, by the last part of its path. */
function recordResponses(page: Page): { call: string; status: number }[] {
  const responses: { call: string; status: number }[] = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/v1/")) {
      responses.push({ call: pathname.split("/").at(-1) ?? "", status: response.status() });
    }
  });
  return responses;
}

/** Records each of the API's requests, as soon as the page makes it. */
function recordRequests(page: Page): string[] {
  const requests: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/v1/")) {
      requests.push(pathname);
    }
  });
  return requests;
}

/** Sets whether the browser shows the page. */
async function show(page: Page, visibility: "visible" | "hidden") {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, visibility);
}

for (const [view, call] of Object.entries(POLLED)) {
  test(`${view || "overview"} gets what has changed only, and nothing while it is hidden`, async ({
    page,
    workspace,
    receiver,
  }) => {
    await workspace.setCallbackUrls(receiver.url);
    await workspace.putInstance(ownInstance(workspace, "first"));
    await expectLogged(workspace, "delivered", 1);
    await page.clock.install();
    const responses = recordResponses(page);
    const polled = () => responses.filter((response) => response.call === call).map(({ status }) => status);
    await page.goto(workspace.path(view));
    await expectProgram(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect
      .poll(
        async () => {
          await page.clock.runFor(3_000);
          return polled();
        },
        { message: "the second response and those after it" },
      )
      .toContain(304);
    await expect(page.getByRole("alert"), "a response without a body is no error").toHaveCount(0);

    await show(page, "hidden");
    const requests = recordRequests(page);
    await page.clock.runFor(10 * 60_000);
    expect(requests, "a hidden tab is silent").toEqual([]);

    await workspace.putInstance(ownInstance(workspace, "second"));
    await expectLogged(workspace, "delivered", 2);
    responses.length = 0;
    await workspace.setCallbackUrls(receiver.url, `${receiver.url}/second`);
    await show(page, "visible");
    await expect.poll(polled, "it is current again at once").toContain(200);
  });
}

/** Views that show an error of one of their calls. */
const BROKEN = { "": "statistics", deliveries: "deliveries", audit: "audit", endpoints: "endpoints" };

for (const [view, call] of Object.entries(BROKEN)) {
  test(`${view || "overview"} keeps an error and its button in place while it polls`, async ({
    page,
    workspace,
    receiver,
  }) => {
    await workspace.setCallbackUrls(receiver.url);
    const isBroken = ({ pathname }: URL) => pathname.startsWith("/v1/") && pathname.endsWith(`/${call}`);
    await page.route(isBroken, (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        json: { type: "about:blank", title: "Forbidden", status: 403, detail: "not now" },
      }),
    );
    await page.goto(workspace.path(view));
    const button = page.getByRole("button", { name: "Try again" });
    await expect(button).toHaveCount(1);
    const kept = await button.elementHandle();
    for (let polls = 0; polls < 3; polls++) {
      await page.waitForResponse((response) => isBroken(new URL(response.url())));
    }
    expect(await kept?.evaluate((element) => element.isConnected), "the same element as before").toBe(true);
  });
}
