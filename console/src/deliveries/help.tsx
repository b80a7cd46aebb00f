/** Help of the deliveries view. */
export const HELP = (
  <>
    <p>
      A delivery is one event for one endpoint: an instance was created, updated or deleted, and a configured
      URL is called. The log keeps each for 30 days after it is completed, unless the deployment sets another
      time.
    </p>
    <h3>Status</h3>
    <dl>
      <dt>Pending</dt>
      <dd>
        It is still to be delivered. If the receiver misses it (no response, 5xx or 429), it is retried after
        0.2 s, 1 s, 5 s, 30 s and so on, and later events of the same instance wait for it. If the receiver
        rejects it (4xx or 3xx), it is attempted three times, a second apart, then deferred: retried
        separately, for a day.
      </dd>
      <dt>Delivered</dt>
      <dd>The receiver answered with a success (2xx).</dd>
      <dt>Failed</dt>
      <dd>It is not attempted again. It stays here and can be replayed.</dd>
    </dl>
    <h3>Replay</h3>
    <p>
      A replay sends the same event once more. The receiver gets the same <code>webhook-id</code>, so that it
      can recognise the event, and <code>webhook-attempt</code> continues counting.
    </p>
    <h3>Live</h3>
    <p>
      New deliveries appear automatically on the first page. Updates pause while deliveries are selected, so
      that rows do not move.
    </p>
  </>
);
