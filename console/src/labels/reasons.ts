import type { Schemas } from "../api/client";

type Reason = Schemas["Reason"];

interface Label {
  title: string;
  /** The next step. */
  advice: string;
}

/** Labels of all reasons. A reason added to the API does not compile until it has a label. */
const REASONS: Record<Reason, Label> = {
  status: {
    title: "The receiver answered, but not with a success (2xx)",
    advice: "Check the receiver's log. A response of 200 or 204 is a success.",
  },
  redirect: {
    title: "The receiver answered with a redirect, which is not followed",
    advice: "Configure the target of the redirect: often https:// instead of http://, or a slash at the end.",
  },
  timeout: {
    title: "The receiver did not answer in time",
    advice:
      "Respond as soon as the event is recorded, and process it afterwards. The time limit is 10 seconds.",
  },
  "dns-failure": {
    title: "The host name could not be found",
    advice: "Check the host name for typing errors, and that it is in the public DNS.",
  },
  "address-not-allowed": {
    title: "The address is not allowed",
    advice:
      "Only public addresses are allowed. Use the receiver's public URL, or ask the operator to allow its network.",
  },
  "connection-refused": {
    title: "Nothing listens at that address and port",
    advice: "Check that the receiver runs, and that host and port of the URL are right.",
  },
  "connection-reset": {
    title: "The receiver reset the connection",
    advice: "Check for a firewall, a proxy or a crash of the receiver at that time.",
  },
  "connection-closed": {
    title: "The receiver closed the connection without a response",
    advice: "Check the logs of the receiver and of the proxies before it.",
  },
  unreachable: {
    title: "The network of that address cannot be reached",
    advice: "Check that the receiver's network is up, and reachable from the network that sends callbacks.",
  },
  "tls-failure": {
    title: "The TLS connection failed",
    advice:
      "Check the certificate: not expired, for this host name, with its whole chain, and from a trusted authority.",
  },
  "invalid-response": {
    title: "The response is not HTTP",
    advice: "Check the port: another service may listen there.",
  },
  other: {
    title: "The call failed",
    advice: "See the detail. If it persists, ask the operator to check the log.",
  },
};

/** Returns the label of an attempt's reason. */
export const reasonLabel = (reason: Reason): Label => REASONS[reason];

const GIVE_UP_REASONS: Record<Schemas["GiveUpReason"], Label> = {
  "endpoint-disabled": {
    title: "Failed, because its endpoint is disabled",
    advice: "Fix the receiver, resume the endpoint, then replay its failed deliveries.",
  },
  "no-longer-configured": {
    title: "Failed, because its URL is no longer configured",
    advice: "If the URL was removed by mistake, add it again and replay.",
  },
  rejected: {
    title: "Failed, because the receiver did not acknowledge it for a day",
    advice:
      "The receiver acknowledges others: check its log for the reason. Fix it, then replay this delivery.",
  },
};

/** Returns the label of a reason for which a delivery failed. */
export const giveUpLabel = (reason: Schemas["GiveUpReason"]): Label => GIVE_UP_REASONS[reason];

const STATUSES: Record<Schemas["Status"], { text: string; type: "success" | "pending" | "error" }> = {
  delivered: { text: "Delivered", type: "success" },
  pending: { text: "Pending", type: "pending" },
  failed: { text: "Failed", type: "error" },
};

/** Returns label and icon of a delivery's status. */
export const statusLabel = (status: Schemas["Status"]) => STATUSES[status];

export const EVENT_TYPES: Schemas["EventType"][] = ["created", "updated", "deleted"];
