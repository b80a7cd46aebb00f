/** Help of the audit view. */
export const HELP = (
  <>
    <p>
      Every change of callbacks, endpoint settings and signing secrets. An entry is written together with its
      change, is never changed, and is kept for good.
    </p>
    <p>
      Of a URL it has scheme, host and the beginning of the endpoint’s id: path and query may carry a token.
      Of a secret it has the fingerprint.
    </p>
    <p>The filter looks through the entries that are loaded. Load older ones to look further back.</p>
  </>
);
