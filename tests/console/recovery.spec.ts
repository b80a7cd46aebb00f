import { countLoads, deploy } from "./support/deployment";
import { Dialog } from "./support/dialog";
import { changeResponses } from "./support/routes";
import {
  checkA11y,
  expect,
  expectProgram,
  type Page,
  Program,
  screenshot,
  screenshots,
  test,
} from "./support/test";

test.use({ provokedErrors: /dynamically imported module|preload CSS|Cannot (read|destructure) propert/ });

const navigate = (page: Page, name: string) =>
  page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
const heading = (page: Page) => page.getByRole("heading", { level: 1 });

test("a deployment under an open tab reloads it once, at the next view", async ({ page, workspace }) => {
  await page.goto(workspace.path());
  await expectProgram(page);
  const loads = countLoads(page);
  await deploy(page, "next");
  await navigate(page, "Audit");
  await expect(heading(page)).toHaveText(/^Audit/);
  await expect(page.locator('script[type="module"][src*=".next."]'), "the new build runs").toHaveCount(1);
  await expectProgram(page);
  await navigate(page, "Endpoints");
  await expect(heading(page)).toHaveText(/^Endpoints/);
  expect(loads()).toBe(1);
});

test("a file that stays missing is reported after one reload, and other views work", async ({
  page,
  workspace,
}) => {
  await page.goto(workspace.path("endpoints"));
  await expectProgram(page);
  const loads = countLoads(page);
  await deploy(page, "broken");
  await navigate(page, "Audit");
  await expect(page.getByText("A file of the console could not be loaded")).toBeVisible();
  await expect(page.getByRole("button", { name: "Reload" })).toBeVisible();
  expect(loads(), "it reloads once, not in a loop").toBe(1);
  await checkA11y(page);
  await navigate(page, "Endpoints");
  await expect(heading(page)).toHaveText(/^Endpoints/);
  await expect(page.getByText("could not be loaded")).toHaveCount(0);
  await navigate(page, "Audit");
  await expect(page.getByText("A file of the console could not be loaded")).toBeVisible();
  expect(loads()).toBe(1);
  await screenshots(page, "load-failure");
});

test("a deployment under unsaved changes waits for the user", async ({ page, workspace }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await expect(page.getByRole("navigation").first()).toBeAttached();
  await dialog.set("created", "http://127.0.0.1:9/draft");
  const loads = countLoads(page);
  await deploy(page, "next");
  await dialog.button("Help").click();
  await expect(dialog.root.getByText("The console was updated")).toBeVisible();
  await expect(dialog.urls("created")).toHaveValue("http://127.0.0.1:9/draft");
  const asked: string[] = [];
  const answered: Promise<void>[] = [];
  page.on("dialog", (question) => {
    asked.push(question.type());
    answered.push(question.dismiss());
  });
  await dialog.button("Reload").click();
  await expect.poll(() => asked).toEqual(["beforeunload"]);
  await Promise.all(answered);
  await screenshot(page, "updated-under-a-draft");
  await expect(dialog.urls("created")).toHaveValue("http://127.0.0.1:9/draft");
  await dialog.ok();
  await dialog.isClosed();
  expect((await workspace.call("GET", "/callbacks")).created.urls).toEqual(["http://127.0.0.1:9/draft"]);
  expect(loads(), "nothing but the refused reload").toBe(0);
});

test("a view opened while the service is stopped is shown once it is back", async ({ page, workspace }) => {
  let program = await Program.start();
  const { port } = new URL(program.url);
  try {
    await page.goto(program.url + workspace.path());
    await expectProgram(page);
    await program.stop();
    await navigate(page, "Audit");
    const view = page.getByRole("main");
    await expect(view.getByText("This part of the console is not loaded yet")).toBeVisible();
    await screenshot(page, "stopped");
    await navigate(page, "Overview");
    await expect(heading(page), "what is loaded stays usable").toHaveText(/^Overview/);
    await navigate(page, "Audit");
    await expect(view.getByText("This part of the console is not loaded yet")).toBeVisible();
    program = await Program.start({}, [], port);
    await expect(heading(page)).toHaveText(/^Audit/);
  } finally {
    await program.stop();
  }
});

test("an error in a view is shown inside the shell, and ends with navigation", async ({
  page,
  workspace,
}) => {
  await changeResponses(page, `**/v1/workspaces/${workspace.name}/audit*`, (json) => ({
    ...json,
    entries: [null],
  }));
  await page.goto(workspace.path("audit"));
  await expect(page.getByText("This part of the console has failed")).toBeVisible();
  await checkA11y(page);
  await navigate(page, "Endpoints");
  await expect(heading(page)).toHaveText(/^Endpoints/);
  await expect(page.getByText("This part of the console has failed")).toHaveCount(0);
});
