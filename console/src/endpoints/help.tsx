/** Help of the endpoint views. */
export const HELP = (
  <>
    <p>
      Each URL of the callbacks is one endpoint, however many event types name it. It has its own health, its
      own backlog and its own settings, so that one receiver that is down holds up no other.
    </p>
    <h3>Health</h3>
    <dl>
      <dt>Healthy</dt>
      <dd>
        It is called as events come. A delivery that it misses (no response, 5xx or 429) is retried after 0.2
        s, 1 s, 5 s, 30 s and so on. Later events of the same instance wait for it, all others go on.
      </dd>
      <dt>Slow</dt>
      <dd>
        Its answers regularly take longer than 250 ms. Events are delivered from its backlog, many at a time,
        and reach it a moment later. Respond first and process afterwards to get them at once.
      </dd>
      <dt>Rejects some</dt>
      <dd>
        It works, but rejected some deliveries (4xx or 3xx) three times, a second apart. These are deferred:
        retried apart from the others, for a day.
      </dd>
      <dt>Failing</dt>
      <dd>
        It missed 5 different deliveries in a row, rejected 10, or asked for a pause with{" "}
        <code>Retry-After</code>. Its deliveries wait in order, and one at a time is tried, with longer and
        longer waits between.
      </dd>
      <dt>Damaged</dt>
      <dd>
        Its record cannot be read: it was edited by hand, or written by a later release. Nothing is sent and
        everything is kept, until the record is corrected or the endpoint is resumed.
      </dd>
      <dt>Disabled</dt>
      <dd>
        It answered 410 Gone, or nothing but failures came for 5 days. It is not called until somebody resumes
        it, and its deliveries are listed as failed: replay them.
      </dd>
      <dt>Paused</dt>
      <dd>Somebody paused it. Nothing is sent, and everything is kept.</dd>
      <dt>Off</dt>
      <dd>None of the event types that name it is turned on.</dd>
    </dl>
    <h3>Resume</h3>
    <p>
      Tries a failing or disabled endpoint now. A pause does not end by it. The damaged attributes of an
      endpoint go back to their defaults.
    </p>
  </>
);
