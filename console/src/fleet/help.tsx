/** Help of the list of all workspaces. */
export const HELP = (
  <>
    <p>
      Every workspace with callbacks, with the health of its endpoints and its backlog. Only operators see
      this list.
    </p>
    <h3>What is shown</h3>
    <p>
      Of a callback URL only scheme, host and port, because path and query may contain a token. Secrets,
      responses and instances are not shown. A change is listed after a short delay.
    </p>
    <h3>Needs attention</h3>
    <p>
      Workspaces with an endpoint that is failing or disabled. A paused or slow endpoint alone does not count:
      a user has paused it, or it is delivered.
    </p>
    <h3>Opening a workspace</h3>
    <p>
      A workspace is a link if you are its administrator or developer. Otherwise an administrator of the
      sign-in has to add you.
    </p>
  </>
);
