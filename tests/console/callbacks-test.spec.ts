import { Dialog } from "./support/dialog";
import { holdResponses } from "./support/routes";
import { expect, Program, test } from "./support/test";

test("Test calls an unsaved URL and shows the result", async ({ page, workspace, receiver }) => {
  receiver.respondWith(204);
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("updated").fill(`${receiver.url}/one\n${receiver.url}/two?key=1`);
  await dialog.button(`Test ${receiver.url}/two?key=1`).click();
  await expect(dialog.lines("updated").nth(1).getByRole("status")).toHaveText(/^204 in \d+ ms$/);
  await expect(dialog.lines("updated").nth(0).getByRole("status")).toHaveText("");
  expect(receiver.requests.map(({ target }) => target)).toEqual([
    "/two?key=1&instanceID=example-instance&processName=Example%20process&eventType=updated",
  ]);
  expect((await workspace.call("GET", "/callbacks")).version, "nothing was saved").toBe(0);
});

test("a failed test shows the reason and the next step", async ({ page, workspace, receiver }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("created").fill(`${receiver.url}/\nhttp://127.0.0.1:9/\nftp://files.example/`);
  const status = (line: number) => dialog.lines("created").nth(line).getByRole("status");
  const call = (url: string) => dialog.button(`Test ${url}`).click();

  receiver.respondWith(500);
  await call(`${receiver.url}/`);
  await expect(status(0)).toContainText("500 in");
  await expect(dialog.urls("created")).toHaveAccessibleDescription(/Line 1: 500 in .* log/);
  receiver.respondWith((_, response) => response.writeHead(302, { location: "/elsewhere" }).end());
  await call(`${receiver.url}/`);
  await expect(status(0)).toContainText("302 in");
  await expect(dialog.urls("created")).toHaveAccessibleDescription(/Line 1: 302 in .* redirect/);

  await call("http://127.0.0.1:9/");
  await expect(status(1)).toContainText("No response after");
  await expect(dialog.urls("created")).toHaveAccessibleDescription(/Line 2: .*Check that the receiver runs/);

  // A line that is wrong says so before it is called, and that stays.
  await expect(status(2)).toHaveText("A callback URL begins with http:// or https://");
  await call("ftp://files.example/");
  await expect(dialog.button("Test ftp://files.example/")).toBeEnabled();
  await expect(status(2)).toHaveText("A callback URL begins with http:// or https://");

  // Only the API knows that an address may not be called.
  await dialog.urls("created").fill("http://169.254.169.254/");
  await call("http://169.254.169.254/");
  await expect(status(0)).toContainText("Not called");
  await expect(dialog.urls("created")).toHaveAccessibleDescription(/Line 1: .*may not be called/);
});

test("a test result follows its line, and ends with it", async ({ page, workspace, receiver }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.urls("created").fill(`${receiver.url}/`);
  await dialog.button(`Test ${receiver.url}/`).click();
  await expect(dialog.lines("created").getByRole("status")).toContainText("200 in");
  await dialog.urls("created").fill(`http://127.0.0.1:9/\n${receiver.url}/`);
  await expect(dialog.lines("created").nth(1).getByRole("status")).toContainText("200 in");
  await dialog.urls("created").fill(`${receiver.url}/x`);
  await expect(dialog.lines("created").getByRole("status")).toHaveText("");
});

test.describe("with short limits", () => {
  const SETTINGS = { CALLBACK_TIMEOUT_MS: "1500", TEST_CALLS_PER_MINUTE: "2" };
  let program: Program;
  test.beforeAll(async () => {
    program = await Program.start(SETTINGS);
  });
  test.afterAll(() => program.stop());

  test("a hanging receiver keeps the button busy until the timeout", async ({
    page,
    workspace,
    receiver,
  }) => {
    receiver.respondWith("hang");
    const dialog = await Dialog.open(page, program.url + workspace.path("callbacks/edit"));
    await dialog.urls("deleted").fill(`${receiver.url}/`);
    // Holds the response, so that the progress text is seen on any machine.
    await holdResponses(page, "**/callbacks/deleted/test", async () => {
      await dialog.button(`Test ${receiver.url}/`).click();
      await expect(dialog.lines("deleted").getByRole("status")).toHaveText(
        "Waiting for the response, at most 10 seconds",
      );
    });
    await expect(dialog.lines("deleted").getByRole("status")).toContainText("No response after");
    await expect(dialog.urls("deleted")).toHaveAccessibleDescription(/10 seconds/);
    const outcome = (await dialog.lines("deleted").getByRole("status").innerText()).match(
      /No response after ([\d.]+) s/,
    );
    // No upper bound: the machine may be slow.
    expect(Number(outcome?.[1]), "the bound, in seconds").toBeGreaterThanOrEqual(1.5);
  });

  test("too many tests are rejected with the time to wait", async ({ page, workspace, receiver }) => {
    const dialog = await Dialog.open(page, program.url + workspace.path("callbacks/edit"));
    await dialog.urls("created").fill(["a", "b", "c"].map((path) => `${receiver.url}/${path}`).join("\n"));
    const results = dialog.lines("created").getByRole("status");
    for (const [n, path] of ["a", "b"].entries()) {
      await dialog.button(`Test ${receiver.url}/${path}`).click();
      await expect(results.nth(n)).toContainText("200 in");
    }
    // The minute may end in between, which allows as many calls again.
    await expect(async () => {
      const before = receiver.requests.length;
      const answered = page.waitForResponse("**/callbacks/created/test");
      await dialog.button(`Test ${receiver.url}/c`).click();
      expect((await answered).status()).toBe(429);
      expect(receiver.requests, "a rejected test sends no request").toHaveLength(before);
    }).toPass();
    await expect(results.nth(2)).toContainText("Not called");
    await expect(dialog.urls("created")).toHaveAccessibleDescription(
      /Line 3: .*2 test calls or dry runs a minute; try again in \d+ s/,
    );
  });
});
