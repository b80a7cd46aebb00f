/** What an endpoint is, and what its states mean. */
export const HELP = (
  <>
    <p>
      Each URL of the callbacks is one endpoint, however many event types name it. It has its own health, its
      own backlog and its own settings, so that one receiver that is down holds up no other.
    </p>
    <h3>Health</h3>
    <dl>
      <dt>Healthy</dt>
      <dd>It is called as events come.</dd>
      <dt>Refuses some</dt>
      <dd>
        It works, but some deliveries were refused three times. These are tried apart from the others, for a
        day.
      </dd>
      <dt>Failing</dt>
      <dd>
        It does not answer, asks for patience (429, 503) or refuses everything. Its deliveries wait in order,
        and one at a time is tried, with longer and longer waits between.
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
    <p>Tries a failing or disabled endpoint now. A pause does not end by it.</p>
  </>
);
