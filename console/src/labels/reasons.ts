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
    advice: "The receiver's own log says why. An answer of 200 or 204 is a success.",
  },
  redirect: {
    title: "The receiver answered with a redirect, which is not followed",
    advice:
      "Configure the address that it redirects to: often https:// instead of http://, or a slash at the end.",
  },
  timeout: {
    title: "The receiver did not answer in time",
    advice:
      "Have the receiver answer as soon as it has recorded the event, and process it afterwards. It has 10 seconds.",
  },
  "dns-failure": {
    title: "The host name could not be found",
    advice: "Check the host name for a typing error, and that it is published in the public DNS.",
  },
  "address-not-allowed": {
    title: "The address may not be called",
    advice:
      "Only public addresses may be called. Use the receiver's public URL, or have the operator allow its network.",
  },
  "connection-refused": {
    title: "Nothing listens at that address and port",
    advice: "Check that the receiver runs, and that host and port of the URL are right.",
  },
  "connection-reset": {
    title: "The receiver cut the connection off",
    advice: "Look for a firewall, a proxy or a crash of the receiver at that time.",
  },
  "connection-closed": {
    title: "The receiver closed the connection without an answer",
    advice: "The receiver or a proxy before it gave up: its log says why.",
  },
  unreachable: {
    title: "There is no way to that address",
    advice: "Check that the receiver's network is up and can be reached from where callbacks are sent.",
  },
  "tls-failure": {
    title: "No secure connection could be made",
    advice:
      "Check the certificate: not expired, for this host name, with its whole chain, and from an authority that is trusted.",
  },
  "invalid-response": {
    title: "What came back is not HTTP",
    advice: "Check the port: something else seems to listen there.",
  },
  other: {
    title: "The call failed",
    advice: "The detail says what is known. If it goes on, ask the operator to look into the log.",
  },
};

/** Returns the label of an attempt's reason. */
export const reasonLabel = (reason: Reason): Label => REASONS[reason];

const GIVE_UP_REASONS: Record<Schemas["GivenUp"], Label> = {
  "endpoint-disabled": {
    title: "Given up, because its endpoint is disabled",
    advice: "Repair the receiver, resume the endpoint, then replay what it missed.",
  },
  "no-longer-configured": {
    title: "Given up, because its URL is not configured any more",
    advice: "If the URL was taken out by mistake, put it back and replay.",
  },
  refused: {
    title: "Given up, because the receiver did not acknowledge it for a day",
    advice:
      "The receiver acknowledges others: its log says what is special about this one. Fix that, then replay it.",
  },
};

/** Returns the label of a reason for which a delivery failed. */
export const giveUpLabel = (reason: Schemas["GivenUp"]): Label => GIVE_UP_REASONS[reason];

const STATUSES: Record<Schemas["Status"], { text: string; type: "success" | "pending" | "error" }> = {
  delivered: { text: "Delivered", type: "success" },
  pending: { text: "Pending", type: "pending" },
  failed: { text: "Failed", type: "error" },
};

/** Returns label and icon of a delivery's status. */
export const statusLabel = (status: Schemas["Status"]) => STATUSES[status];

export const EVENT_TYPES: Schemas["EventType"][] = ["created", "updated", "deleted"];
