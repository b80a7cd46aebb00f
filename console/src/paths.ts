/** Address of the list of all workspaces. */
export const FLEET = "/workspaces";

/** Returns the addresses of all views of a workspace. */
export function pathsOf(workspace: string) {
  const base = `/workspaces/${encodeURIComponent(workspace)}`;
  return {
    overview: base,
    callbacks: `${base}/callbacks`,
    editCallbacks: `${base}/callbacks/edit`,
    deliveries: `${base}/deliveries`,
    delivery: (id: string) => `${base}/deliveries/${encodeURIComponent(id)}`,
    endpoints: `${base}/endpoints`,
    endpoint: (id: string) => `${base}/endpoints/${encodeURIComponent(id)}`,
    signing: `${base}/signing`,
    audit: `${base}/audit`,
    tryIt: `${base}/try-it`,
  };
}
