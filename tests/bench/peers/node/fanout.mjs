// A fan-out as most teams write it first: each record to each URL, all at once, with Node's own client.
//
// It is not a straw man: connections are kept alive, no request waits for another, each request has its deadline,
// bodies are read to the end. It lacks the features of Instance Webhooks:
//
// - Failed deliveries are counted, and lost: they are neither recorded nor sent again.
// - No order: an instance's `updated` may arrive before its `created`.
// - No bound: a batch opens as many sockets as it has records times URLs, until descriptors or memory run out.
// - The slowest URL holds the whole batch, and with it the shard, for up to 10 s. One that is down is called again by
//   each batch.
// - One record without a name fails the batch before any delivery, and Lambda sends the same batch again.
// - A batch that Lambda sends again is delivered again as a whole; a receiver cannot detect it.
// - Any address is called, including those of the own network, and redirects to any address are followed.
// - URLs are settings of the function: the same ones for all tenants and events, and a deployment to change them.
// - Requests are not signed.

const TIMEOUT_MS = Number(process.env.CALLBACK_TIMEOUT_MS ?? 10_000);
const URLS = (process.env.URLS ?? '').split('\n').filter(Boolean);
const EVENT_TYPES = { INSERT: 'created', MODIFY: 'updated', REMOVE: 'deleted' };

function query({ eventName, dynamodb }) {
  const image = eventName === 'REMOVE' ? dynamodb.OldImage : dynamodb.NewImage;
  const values = {
    instanceID: image.instanceID.S,
    processName: image.processName.S,
    eventType: EVENT_TYPES[eventName],
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Calls `url`, which may have a query of its own; the status. */
async function deliver(url, query) {
  const target = new URL(url);
  target.search = target.search ? `${target.search}&${query}` : query;
  const response = await fetch(target, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.arrayBuffer(); // the connection is free for the next request only after that
  return response.status;
}

export const handler = async (event) => {
  const queries = event.Records.map(query);
  const results = await Promise.allSettled(queries.flatMap((query) => URLS.map((url) => deliver(url, query))));

  const outcome = { delivered: 0, failed: 0, reasons: {} };
  for (const { value: status, reason: error } of results) {
    if (status >= 200 && status < 300) {
      outcome.delivered += 1;
    } else {
      const reason = status ?? error.cause?.code ?? error.name;
      outcome.failed += 1;
      outcome.reasons[reason] = (outcome.reasons[reason] ?? 0) + 1;
    }
  }
  return outcome;
};
