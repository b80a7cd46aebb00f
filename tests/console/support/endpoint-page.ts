import type { Receiver } from "./receiver";
import { expect, type Page, type Workspace } from "./test";

/** Returns the endpoint with this URL, normalised as by the API. */
export async function endpointOf(workspace: Workspace, url: string) {
  const { endpoints } = await workspace.call("GET", "/endpoints");
  const endpoint = endpoints.find((endpoint: { url: string }) => endpoint.url === new URL(url).href);
  if (!endpoint) {
    throw new Error(`no endpoint has the URL ${url}`);
  }
  return endpoint;
}

export async function open(page: Page, workspace: Workspace, url: string) {
  const { endpointID } = await endpointOf(workspace, url);
  await page.goto(workspace.path(`endpoints/${endpointID}`));
  await expect(page.getByRole("heading", { level: 1, name: url })).toBeVisible();
}

/** Returns the value beside a label. */
export const figure = (page: Page, label: string) =>
  page.getByRole("term").filter({ hasText: label }).locator("xpath=following-sibling::dd[1]");

export const instances = ({ requests }: Receiver) => requests.map(({ instanceID }) => instanceID);

export const settings = (page: Page) =>
  page.locator("form").filter({ has: page.getByRole("heading", { name: "Settings" }) });

export const save = (page: Page) => settings(page).getByRole("button", { name: "Save changes" });

/**
 * Makes the endpoint fail with 503 and eight pending deliveries. Five missed in a row are enough. Its first probe, after a
 * second, has failed too: the next one, in an hour, comes into no test.
 */
export async function makeFailing(page: Page, workspace: Workspace, receiver: Receiver) {
  receiver.respondWith(503);
  await workspace.setCallbackUrls(receiver.url);
  const names = Array.from({ length: 8 }, (_, index) => `${workspace.name}-${index}`);
  await Promise.all(names.map((name) => workspace.putInstance(name)));
  await open(page, workspace, receiver.url);
  await expect(page.getByText("Failing since")).toBeVisible();
  await expect(figure(page, "Backlog")).toHaveText("8");
  await expect
    .poll(async () => (await endpointOf(workspace, receiver.url)).health)
    .toMatchObject({ state: "failing", failedProbes: 1 });
  return names;
}
