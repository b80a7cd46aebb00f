import { readFileSync } from "node:fs";
import { Dialog } from "./support/dialog";
import {
  checkA11y,
  expect,
  expectNoSidewaysScrolling,
  expectProgram,
  screenshots,
  test,
} from "./support/test";

const receivers = readFileSync(new URL("../../docs/receivers.md", import.meta.url), "utf8");

for (const eventType of ["created", "updated", "deleted"] as const) {
  test(`the help on ${eventType} callbacks documents the request exactly as it is sent`, async ({
    page,
    workspace,
    receiver,
  }) => {
    const name = eventType.charAt(0).toUpperCase() + eventType.slice(1);
    const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
    await dialog.button(`Help on ${eventType} callbacks`).click();
    const help = dialog.root.getByRole("region", { name: "Help" });
    await expect(help.getByRole("heading", { name: `${name} callbacks` })).toBeVisible();
    await expect(help).toContainText(
      `GET {url}?instanceID={instanceID}&processName={processName}&eventType=${eventType}`,
    );
    await expect(page).toHaveURL(/\?help=/);

    // The documented example equals the request that arrives.
    await workspace.setCallbackUrls(`${receiver.url}/instance${name}`);
    await workspace.putInstance("4711", "Order intake");
    await workspace.putInstance("4711", "Order intake");
    await workspace.deleteInstance("4711");
    await expect.poll(() => receiver.requests.map((request) => request.eventType)).toContain(eventType);
    const request = receiver.requests.find((request) => request.eventType === eventType);
    await expect(help).toContainText(`GET https://my-service.com${request?.target}`);
    for (const header of [
      "webhook-id",
      "webhook-timestamp",
      "webhook-signature",
      "webhook-attempt",
      "webhook-changed-at",
      "user-agent",
    ]) {
      await expect(help.getByText(header, { exact: true })).toBeVisible();
      expect(request?.headers[header], header).toBeTruthy();
    }
    await workspace.call("DELETE", "/callbacks");
  });
}

test("Help has receivers in six languages, copied as documented", async ({ page, workspace }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.button("Help").click();
  const help = dialog.root.getByRole("region", { name: "Help" });
  await expect(help.getByRole("tab")).toHaveText(["Node", "Python", "Go", "Java", "C#", "Rust"]);
  const copied = new Set<string>();
  for (const language of ["Node", "Python", "Go", "Java", "C#", "Rust"]) {
    await help.getByRole("tab", { name: language, exact: true }).click();
    // The notice "Copied" may belong to the previous copy.
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await help.getByRole("button", { name: `Copy the receiver in ${language}` }).click();
    await expect(page.getByText("Copied")).toBeVisible();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).not.toBe("");
    const code = await page.evaluate(() => navigator.clipboard.readText());
    await expect(help.getByRole("region", { name: `Receiver in ${language}` })).toHaveText(code);
    expect(receivers).toContain(`\n${code}\`\`\`\n`);
    copied.add(code);
  }
  expect(copied.size).toBe(6);
});

test("help has an address, keeps the draft and returns the focus", async ({ page, workspace }) => {
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit?help=updated"));
  const help = dialog.root.getByRole("region", { name: "Help" });
  await expect(help.getByRole("heading", { name: "Updated callbacks" })).toBeVisible();
  await dialog.set("created", "http://127.0.0.1:9/");
  await dialog.button("Help on deleted callbacks").click();
  await expect(help.getByRole("heading", { name: "Deleted callbacks" })).toBeVisible();
  await expect(dialog.urls("created")).toHaveValue("http://127.0.0.1:9/");
  await dialog.button("Close help").click();
  await expect(help).toHaveCount(0);
  await expect(dialog.button("Help on deleted callbacks")).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`${workspace.path("callbacks/edit")}$`));
});

test("dialog and help are accessible, in light, dark and on a phone", async ({ page, workspace }) => {
  await workspace.setCallbackUrls(
    "http://127.0.0.1:9/instance?with=a-long-query&that=goes-on&and=on&for=more-than-a-line-of-it",
  );
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await checkA11y(page);
  await screenshots(page, "callbacks-dialog");
  await dialog.button("Help").click();
  await expect(dialog.root.getByRole("tab", { name: "Node" })).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "callbacks-help");
  await dialog.button("Help on created callbacks").click();
  await expect(dialog.root.getByRole("heading", { name: "Created callbacks" })).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "callbacks-help-created");
  await dialog.button("Close").click();
  await dialog.isClosed();
  await expectProgram(page);
  await expect(page.getByRole("heading", { level: 1, name: "Instance Callback URLs" })).toBeVisible();
  await checkA11y(page);
  await screenshots(page, "callbacks");
});

test("the dialog works on a phone", async ({ page, workspace, receiver }) => {
  await page.setViewportSize({ width: 360, height: 780 });
  const dialog = await Dialog.open(page, workspace.path("callbacks/edit"));
  await dialog.set(
    "created",
    `${receiver.url}/a-path-that-is-longer-than-a-phone-is-wide-however-one-looks-at-it`,
  );
  await dialog.lines("created").getByRole("button").click();
  await expect(dialog.lines("created").getByRole("status")).toContainText("200 in");
  await dialog.button("Help").click();
  await expect(dialog.root.getByRole("heading", { name: "How callbacks work" })).toBeInViewport();
  await expectNoSidewaysScrolling(page);
  await dialog.ok();
  await dialog.isClosed();
  expect((await workspace.call("GET", "/callbacks")).created.enabled).toBe(true);
});
