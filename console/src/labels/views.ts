export const PRODUCT = "Instance Webhooks";

/** Titles and descriptions of the views in the navigation. The page shows them before the program is loaded. */
export const VIEWS = {
  overview: {
    title: "Overview",
    description: "Delivery health for this workspace",
  },
  callbacks: {
    title: "Instance Callback URLs",
    description: "URLs that are called when an instance of this workspace is created, updated or deleted",
  },
  deliveries: {
    title: "Deliveries",
    description: "Calls of the callback URLs with their results, the latest first",
  },
  endpoints: {
    title: "Endpoints",
    description: "Every callback URL, with its health and backlog",
  },
  signing: {
    title: "Signing",
    description: "Lets receivers verify the origin and the integrity of callbacks",
  },
  audit: {
    title: "Audit",
    description: "Who changed what, and when",
  },
  tryIt: {
    title: "Try it",
    description: "Three steps on this machine, from an instance to its callback",
  },
} as const;

export type View = keyof typeof VIEWS;

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
