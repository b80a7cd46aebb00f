/** Help of the endpoint views. */
export const HELP = (
  <>
    <p>
      Each callback URL is one endpoint, whatever its event types. It has its own health, backlog and
      settings, so that a receiver that is down does not delay others.
    </p>
    <h3>Health</h3>
    <dl>
      <dt>Healthy</dt>
      <dd>
        It is called for each event. A delivery that it misses (no response, 5xx or 429) is retried after 0.2
        s, 1 s, 5 s, 30 s and so on. Later events of the same instance wait for it, all others continue.
      </dd>
      <dt>Slow</dt>
      <dd>
        Its answers regularly take longer than 250 ms. Events are delivered from its backlog, many at a time,
        and reach it a moment later. Respond first and process afterwards to get them at once.
      </dd>
      <dt>Rejects some</dt>
      <dd>
        It works, but rejected some deliveries (4xx or 3xx) three times, a second apart. These are deferred:
        retried separately, for a day.
      </dd>
      <dt>Failing</dt>
      <dd>
        It missed 5 different deliveries in a row, rejected 10, or asked for a pause with{" "}
        <code>Retry-After</code>. Its deliveries wait in order, and one at a time is attempted, with
        increasing backoff.
      </dd>
      <dt>Damaged</dt>
      <dd>
        Its record cannot be read: it was edited by hand, or written by a later release. Nothing is sent and
        every event is kept, until the record is corrected or the endpoint is resumed.
      </dd>
      <dt>Disabled</dt>
      <dd>
        It answered 410 Gone, or every attempt failed for 5 days. It is not called until it is resumed, and
        its deliveries are listed as failed: replay them.
      </dd>
      <dt>Paused</dt>
      <dd>A user has paused it. Nothing is sent, and every event is kept.</dd>
      <dt>Off</dt>
      <dd>None of its event types is enabled.</dd>
    </dl>
    <h3>Resume</h3>
    <p>
      Retries a failing or disabled endpoint now. It does not end a pause. Damaged attributes are reset to
      their defaults.
    </p>
  </>
);
