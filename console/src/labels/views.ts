export const PRODUCT = "Instance Webhooks";

/** Titles and descriptions of the views in the navigation. The page shows them before the program is loaded. */
export const VIEWS = {
  overview: {
    title: "Overview",
    description: "Deliveries of this workspace over time, and the endpoints that need attention",
  },
  callbacks: {
    title: "Instance Callback URLs",
    description: "URLs that are called when an instance of this workspace is created, updated or deleted",
  },
  deliveries: {
    title: "Deliveries",
    description: "Every call of a callback URL: the result of each attempt, and when the next one is due",
  },
  endpoints: {
    title: "Endpoints",
    description: "Every callback URL, with its health and backlog",
  },
  signing: {
    title: "Signing",
    description:
      "Each callback is signed with the secret of its endpoint, so that the receiver can verify its origin and its integrity",
  },
  audit: {
    title: "Audit",
    description:
      "Who changed what, and when: callback URLs, settings of endpoints, pauses and signing secrets",
  },
  tryIt: {
    title: "Try it",
    description:
      "Three steps on this machine, from an instance to its callback. This program includes a test receiver, which shows each request with its signature, and can fail, hang or answer slowly",
  },
} as const;

export type View = keyof typeof VIEWS;

/** Title and description of the list of all workspaces, which is not in the navigation. */
export const ALL_WORKSPACES = {
  title: "All workspaces",
  description: "Health and backlog of every workspace of this deployment",
} as const;

/** Title of the navigation. */
export const NAVIGATION = "Developer resources";

/** Sections of the navigation. */
export const SECTIONS: { title: string; views: View[] }[] = [
  {
    title: "Webhooks",
    views: ["overview", "callbacks", "deliveries", "endpoints", "signing", "audit"],
  },
  // Only for a program on one machine.
  { title: "This machine", views: ["tryIt"] },
];

/** What the callbacks dialog says first, before and after the name of the workspace. */
export const DIALOG_LEAD = [
  "When an instance of the workspace ",
  " changes, we send an HTTP GET to every URL of that event. Respond with 2xx within 10 seconds.",
] as const;

/** Text while data is being loaded. */
export const LOADING = "Loading";
