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
      <dt>Retrying</dt>
      <dd>
        It was not acknowledged, and has a time for its next attempt. After no response, 5xx or 429 it is
        retried after 0.2 s, 1 s, 5 s, 30 s and so on, and later events of the same instance wait for it.
        After a rejection (4xx or 3xx) it is attempted three times, a second apart, then deferred: retried
        separately, for a day.
      </dd>
      <dt>Waiting</dt>
      <dd>It has not been attempted yet, or its endpoint is failing, paused or disabled.</dd>
      <dt>Delivered</dt>
      <dd>The receiver returned a success (2xx).</dd>
      <dt>Failed</dt>
      <dd>It is not attempted again. It stays here and can be replayed.</dd>
      <dt>Superseded</dt>
      <dd>
        It was not sent, because a later change of the same instance was waiting too, and its endpoint asks
        for the latest only. It can be replayed.
      </dd>
    </dl>
    <h3>Search</h3>
    <p>
      A search finds the <code>webhook-id</code> of a request, a delivery ID, the beginning of an instance ID
      and a part of a process name. Upper and lower case differ. Filters combine: each has to match, with one
      of its values.
    </p>
    <h3>Replay</h3>
    <p>
      A replay sends the same event once more. The receiver gets the same <code>webhook-id</code>, so it can
      detect duplicates, and <code>webhook-attempt</code> keeps increasing.
    </p>
    <h3>Live</h3>
    <p>
      New deliveries appear automatically on the first page. While the pointer or the focus is in the rows
      they do not move, and new ones are counted above. Updates pause while deliveries are selected.
    </p>
    <h3>Keys</h3>
    <p>With a delivery open, J and K go to the next and the previous one, and Esc closes it.</p>
  </>
);
