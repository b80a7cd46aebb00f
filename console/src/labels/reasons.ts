import type { Schemas } from "../api/client";

type Reason = Schemas["Reason"];

interface Words {
  /** What happened. */
  what: string;
  /** What to do about it. */
  todo: string;
}

/** Every reason for which an attempt fails; one that is added to the API does not compile until it has words. */
const REASONS: Record<Reason, Words> = {
  status: {
    what: "The receiver answered, but not with a success (2xx)",
    todo: "The receiver's own log says why. An answer of 200 or 204 is a success.",
  },
  redirect: {
    what: "The receiver answered with a redirect, which is not followed",
    todo: "Configure the address that it redirects to: often https:// instead of http://, or a slash at the end.",
  },
  timeout: {
    what: "The receiver did not answer in time",
    todo: "Have the receiver answer as soon as it has recorded the event, and process it afterwards. It has 10 seconds.",
  },
  "dns-failure": {
    what: "The host name could not be found",
    todo: "Check the host name for a typing error, and that it is published in the public DNS.",
  },
  "address-not-allowed": {
    what: "The address may not be called",
    todo: "Only public addresses may be called. Use the receiver's public URL, or have the operator allow its network.",
  },
  "connection-refused": {
    what: "Nothing listens at that address and port",
    todo: "Check that the receiver runs, and that host and port of the URL are right.",
  },
  "connection-reset": {
    what: "The receiver cut the connection off",
    todo: "Look for a firewall, a proxy or a crash of the receiver at that time.",
  },
  "connection-closed": {
    what: "The receiver closed the connection without an answer",
    todo: "The receiver or a proxy before it gave up: its log says why.",
  },
  unreachable: {
    what: "There is no way to that address",
    todo: "Check that the receiver's network is up and can be reached from where callbacks are sent.",
  },
  "tls-failure": {
    what: "No secure connection could be made",
    todo: "Check the certificate: not expired, for this host name, with its whole chain, and from an authority that is trusted.",
  },
  "invalid-response": {
    what: "What came back is not HTTP",
    todo: "Check the port: something else seems to listen there.",
  },
  other: {
    what: "The call failed",
    todo: "The detail says what is known. If it goes on, ask the operator to look into the log.",
  },
};

/** An attempt's reason in plain words. */
export const reasonWords = (reason: Reason): Words => REASONS[reason];

const GIVEN_UP: Record<Schemas["GivenUp"], Words> = {
  "endpoint-disabled": {
    what: "Given up, because its endpoint is disabled",
    todo: "Repair the receiver, resume the endpoint, then replay what it missed.",
  },
  "no-longer-configured": {
    what: "Given up, because its URL is not configured any more",
    todo: "If the URL was taken out by mistake, put it back and replay.",
  },
  refused: {
    what: "Given up, because the receiver did not acknowledge it for a day",
    todo: "The receiver acknowledges others: its log says what is special about this one. Fix that, then replay it.",
  },
};

/** Why a delivery was given up, in plain words. */
export const givenUpWords = (reason: Schemas["GivenUp"]): Words => GIVEN_UP[reason];

const STATUSES: Record<Schemas["Status"], { text: string; type: "success" | "pending" | "error" }> = {
  delivered: { text: "Delivered", type: "success" },
  pending: { text: "Pending", type: "pending" },
  failed: { text: "Failed", type: "error" },
};

/** Where a delivery stands, for a status indicator. */
export const statusWords = (status: Schemas["Status"]) => STATUSES[status];

export const EVENT_TYPES: Schemas["EventType"][] = ["created", "updated", "deleted"];
