import type { Schemas } from "../api/client";
import { httpStatus } from "./http-status";

type Reason = Schemas["Reason"];

interface Label {
  title: string;
  /** Two words for a table, without the status code. */
  short: string;
  /** The next step. */
  advice: string;
}

/** Labels of all reasons. A reason added to the API does not compile until it has a label. */
const REASONS: Record<Reason, Label> = {
  status: {
    title: "The receiver returned an error status",
    short: "Error status",
    advice: "Check the receiver's logs. Any 2xx response counts as success.",
  },
  redirect: {
    title: "The receiver returned a redirect, which is not followed",
    short: "Redirect",
    advice: "Configure the target of the redirect: often https:// instead of http://, or a slash at the end.",
  },
  timeout: {
    title: "The receiver did not respond in time",
    short: "Timeout",
    advice: "Respond within 10 seconds: store the event first, process it later.",
  },
  "dns-failure": {
    title: "The host name was not found",
    short: "DNS failure",
    advice: "Check the host name for typing errors, and that it is in the public DNS.",
  },
  "address-not-allowed": {
    title: "The address is not allowed",
    short: "Not allowed",
    advice:
      "Only public addresses are allowed. Use the receiver's public URL, or ask the operator to allow its network.",
  },
  "connection-refused": {
    title: "Connection refused: nothing listens at that address and port",
    short: "Refused",
    advice: "Check that the receiver runs, and that host and port of the URL are right.",
  },
  "connection-reset": {
    title: "The receiver reset the connection",
    short: "Reset",
    advice: "Check for a firewall, a proxy or a crash of the receiver at that time.",
  },
  "connection-closed": {
    title: "The receiver closed the connection without a response",
    short: "Closed",
    advice: "Check the logs of the receiver and of the proxies before it.",
  },
  unreachable: {
    title: "Network unreachable",
    short: "Unreachable",
    advice: "Check that the receiver's network is up, and reachable from the network that sends callbacks.",
  },
  "tls-failure": {
    title: "The TLS connection failed",
    short: "TLS failure",
    advice:
      "Check the certificate: not expired, for this host name, with its whole chain, and from a trusted authority. If the port speaks plain HTTP, use http:// or the TLS port.",
  },
  "invalid-response": {
    title: "The response was not HTTP",
    short: "Not HTTP",
    advice: "Check the port: another service may listen there.",
  },
  other: {
    title: "The call failed",
    short: "Error",
    advice: "See the detail. If it persists, ask the operator to check the log.",
  },
};

/** Returns the label of an attempt's reason. With the status code of the response the title names it. */
export function reasonLabel(reason: Reason, status: number | null = null): Label {
  const label = REASONS[reason];
  if (status === null) {
    return label;
  }
  const title = `The receiver returned ${httpStatus(status)}${reason === "redirect" ? ", which is not followed" : ""}`;
  return { ...label, title, short: String(status) };
}

const GIVE_UP_REASONS: Record<Schemas["GiveUpReason"], Label> = {
  "endpoint-disabled": {
    title: "Failed: the endpoint is disabled",
    short: "Endpoint disabled",
    advice: "Fix the receiver, re-enable the endpoint, then replay its failed deliveries.",
  },
  "no-longer-configured": {
    title: "Failed: the URL was removed",
    short: "URL removed",
    advice: "If the URL was removed by mistake, add it again and replay.",
  },
  rejected: {
    title: "Failed: the receiver rejected it for a day",
    short: "Rejected",
    advice: "The receiver accepts others: check its logs for the reason. Fix it, then replay this delivery.",
  },
};

/** Returns the label of a reason for which a delivery failed. */
export const giveUpLabel = (reason: Schemas["GiveUpReason"]): Label => GIVE_UP_REASONS[reason];

/** All reasons that the log can be filtered by, with their labels. */
export const FAILURE_REASONS: [string, string][] = [
  ...Object.entries(REASONS).map(([reason, { title }]): [string, string] => [reason, title]),
  ...Object.entries(GIVE_UP_REASONS).map(([reason, { title }]): [string, string] => [reason, title]),
];

const STATUSES: Record<
  Schemas["Status"],
  { text: string; type: "success" | "pending" | "error" | "stopped" }
> = {
  delivered: { text: "Delivered", type: "success" },
  pending: { text: "Pending", type: "pending" },
  failed: { text: "Failed", type: "error" },
  superseded: { text: "Superseded", type: "stopped" },
};

/** Returns label and icon of a delivery's status. */
export const statusLabel = (status: Schemas["Status"]) => STATUSES[status];

export const EVENT_TYPES: Schemas["EventType"][] = ["created", "updated", "deleted"];
