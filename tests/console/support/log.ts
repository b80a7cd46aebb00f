import { expect, type Page, type Workspace } from "./test";

/** An instance's id that no other test has: all workspaces' instances are in one table. */
export const ownInstance = (workspace: Workspace, name: string) => `${name}-of-${workspace.name}`;

/** The log as the API has it. */
export async function loggedDeliveries(workspace: Workspace, query = ""): Promise<any[]> {
  return (await workspace.call("GET", `/deliveries?limit=200&${query}`)).deliveries;
}

/** Writes the instances and waits until the log has as many deliveries more as they make. */
export async function putLogged(workspace: Workspace, instances: string[], deliveriesEach = 1) {
  const before = (await loggedDeliveries(workspace)).length;
  await Promise.all(instances.map((instance) => workspace.putInstance(instance)));
  const all = before + instances.length * deliveriesEach;
  await expect.poll(async () => (await loggedDeliveries(workspace)).length).toBe(all);
}

/** The rows' links, as a reader hears them. */
export const rows = (page: Page) => page.getByRole("link", { name: /: delivery of / });
export const rowOf = (page: Page, instance: string, eventType = "created") =>
  page.getByRole("link", { name: `: delivery of ${instance}, ${eventType}` });
