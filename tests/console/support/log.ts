import { expect, type Page, type Workspace } from "./test";

/** Returns an instance ID that is unique to the test, because all workspaces share one table. */
export const ownInstance = (workspace: Workspace, name: string) => `${name}-of-${workspace.name}`;

/** Returns the logged deliveries. */
export async function loggedDeliveries(workspace: Workspace, query = ""): Promise<any[]> {
  return (await workspace.call("GET", `/deliveries?limit=200&${query}`)).deliveries;
}

/** Writes the instances and waits until their deliveries are logged. */
export async function putLogged(workspace: Workspace, instances: string[], deliveriesEach = 1) {
  const before = (await loggedDeliveries(workspace)).length;
  await Promise.all(instances.map((instance) => workspace.putInstance(instance)));
  const all = before + instances.length * deliveriesEach;
  await expect.poll(async () => (await loggedDeliveries(workspace)).length).toBe(all);
}

/** Waits until this number of deliveries has the status: a receiver has a request before its outcome is logged. */
export async function expectLogged(workspace: Workspace, status: string, count: number) {
  await expect.poll(async () => (await loggedDeliveries(workspace, `status=${status}`)).length).toBe(count);
}

/** Returns the links of the rows, by accessible name. */
export const rows = (page: Page) => page.getByRole("link", { name: /: delivery of / });
export const rowOf = (page: Page, instance: string, eventType = "created") =>
  page.getByRole("link", { name: `: delivery of ${instance}, ${eventType}` });
