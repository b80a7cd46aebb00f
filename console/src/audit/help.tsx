/** Help of the audit view. */
export const HELP = (
  <>
    <p>
      Every change of callback URLs, endpoint settings and signing secrets. An entry is written together with
      its change, is immutable, and is kept as long as the operator has configured: a year by default.
    </p>
    <p>
      The values of a URL’s query are left out, because they may carry a token. URLs that differ in a value
      alone have different IDs, of which the beginning is shown. Secrets are redacted to their fingerprint.
    </p>
    <p>
      Filter by setting, caller, URL and time. A URL in an entry links to all of its changes. Export CSV saves
      every entry that the filter matches, also those that are not loaded.
    </p>
  </>
);
