/** Help of the audit view. */
export const HELP = (
  <>
    <p>
      Every change of callbacks, endpoint settings and signing secrets. An entry is written together with its
      change, is immutable, and is kept forever.
    </p>
    <p>
      URLs are redacted to scheme, host and the beginning of the endpoint’s ID, because path and query may
      carry a token. Secrets are redacted to their fingerprint.
    </p>
    <p>The filter searches the loaded entries. Load older ones to search further back.</p>
  </>
);
