import Link from "@cloudscape-design/components/link";

/** Help of the signing view. */
export const HELP = (
  <>
    <p>
      Anybody who knows a callback URL can call it. So that a receiver can tell that a request is from here,
      each one is signed as{" "}
      <Link external href="https://www.standardwebhooks.com">
        Standard Webhooks
      </Link>{" "}
      has it.
    </p>
    <h3>What is signed</h3>
    <p>
      <code>webhook-id</code>, <code>webhook-timestamp</code> and the request target, joined by dots. The
      target is path and query, byte for byte as they stand in the request line. The host is not signed.
    </p>
    <h3>How to verify</h3>
    <ol>
      <li>Refuse what is more than 5 minutes away from your clock.</li>
      <li>
        The key is what follows <code>whsec_</code>, Base64-decoded. Compute HMAC-SHA256 of the text above,
        encode it in Base64 and put <code>v1,</code> before it.
      </li>
      <li>
        Accept when one of the parts of <code>webhook-signature</code> is the same, compared in constant time.
        Answer 401 otherwise.
      </li>
    </ol>
    <p>
      The help of the dialog Instance Callback URLs has it in six languages, and{" "}
      <code>docs/receivers.md</code> has what frameworks and proxies do to a target.
    </p>
    <h3>Rotate</h3>
    <p>
      Rotate with an overlap, give the new secret to each receiver, done: until the overlap ends, both sign.
      When a secret has leaked, rotate without one.
    </p>
  </>
);
