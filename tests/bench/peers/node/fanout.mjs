// The fan-out that most teams write first: each record to each URL, all at once, with what Node brings.
//
// It is not a straw man: connections are kept alive, nothing waits for anything else, each request has its deadline,
// bodies are read to the end. What it leaves out is what Instance Webhooks is for:
//
// - What failed is counted, and lost: nothing is written down, nothing is sent again.
// - No order: an instance's `updated` may arrive before its `created`.
// - No bound: a batch opens as many sockets as it has records times URLs, until descriptors or memory run out.
// - The slowest URL holds the whole batch, and with it the shard, for up to 10 s. One that is down is called again by
//   each batch.
// - One record without a name fails the batch before anything is sent, and Lambda brings it back, the same.
// - A batch that Lambda brings back is sent again as a whole; a receiver cannot tell.
// - Any address is called, those of the own network too, and redirects are followed, wherever they lead.
// - URLs are settings of the function: the same ones for all tenants and events, and a deployment to change them.
// - Nothing is signed.

const TIMEOUT_MS = 10_000;
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
  await response.arrayBuffer(); // until then the connection is not free for the next request
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
