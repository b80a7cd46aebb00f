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
      <dt>Rejecting some</dt>
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
        every event is kept, until the record is corrected or reset.
      </dd>
      <dt>Disabled</dt>
      <dd>
        It answered 410 Gone, or every attempt failed for 5 days. It is not called until it is re-enabled, and
        its deliveries are listed as failed: replay them.
      </dd>
      <dt>Paused</dt>
      <dd>
        A user has paused it, until it is resumed or until a time. Nothing is sent, and every event is kept.
      </dd>
      <dt>Off</dt>
      <dd>None of its event types is enabled.</dd>
    </dl>
    <h3>Actions</h3>
    <dl>
      <dt>Retry now</dt>
      <dd>Attempts the next delivery of a failing endpoint at once, and shows the result.</dd>
      <dt>Re-enable</dt>
      <dd>A disabled endpoint is called again. Replay what failed meanwhile.</dd>
      <dt>Pause, Resume</dt>
      <dd>Keeps events without sending them, and delivers them in order afterwards.</dd>
      <dt>Replay failed since</dt>
      <dd>Sends failed deliveries of this endpoint again, from a time on.</dd>
    </dl>
    <h3>Which events are sent</h3>
    <p>
      All of its event types, unless the settings limit them: to processes, to updates that change one of
      certain attributes, and to instances whose attributes have certain values. The sentence at the top of
      its page says what is sent. A nested attribute has a path, such as <code>customer.country</code> or{" "}
      <code>steps[0].name</code>. Numbers and booleans are compared by their text, such as <code>42</code> or{" "}
      <code>true</code>; of a list, one element has to match. A dry run shows which of the last events would
      have been sent with the settings in the form.
    </p>
    <h3>How they are sent</h3>
    <dl>
      <dt>While events wait</dt>
      <dd>
        An endpoint can ask for the latest only: an update that waits is not sent if a later event of the same
        instance waits too. It is listed as superseded, and can be replayed.
      </dd>
      <dt>Secret headers</dt>
      <dd>
        Headers of its requests, such as <code>authorization</code>. Their values are not shown again, not in
        the log either.
      </dd>
    </dl>
    <h3>Success rate</h3>
    <p>
      Share of the due deliveries that were delivered. Failed ones and those that wait for a retry count as
      not delivered; those of a paused endpoint are not due. Superseded ones do not count.
    </p>
  </>
);
