import Link from "@cloudscape-design/components/link";

/** Help of the signing view. */
export const HELP = (
  <>
    <p>
      Anyone with a callback URL can call it. Receivers can verify the origin of a request, because each one
      is signed as specified by{" "}
      <Link external href="https://www.standardwebhooks.com">
        Standard Webhooks
      </Link>
      .
    </p>
    <h3>Whose secret</h3>
    <p>
      Each endpoint has a secret of its own, so that no receiver can forge callbacks to another. A URL that
      replaces another one keeps its secret.
    </p>
    <p>
      A receiver that wants a token as well gets it as a secret header, in the settings of its endpoint. It
      proves less: it is the same in each request.
    </p>
    <h3>What is signed</h3>
    <p>
      <code>webhook-id</code>, <code>webhook-timestamp</code> and the request target, joined by dots. The
      target is path and query, byte for byte as in the request line. The host is not signed.
    </p>
    <h3>How to verify</h3>
    <ol>
      <li>Reject requests whose timestamp is more than 5 minutes away from your clock.</li>
      <li>
        The key is what follows <code>whsec_</code>, Base64-decoded. Compute HMAC-SHA256 of the text above,
        encode it in Base64 and put <code>v1,</code> before it.
      </li>
      <li>
        Accept the request if a part of <code>webhook-signature</code> is equal, compared in constant time.
        Respond with 401 otherwise.
      </li>
    </ol>
    <p>
      The help of the dialog Instance Callback URLs has example code in six languages.{" "}
      <code>docs/receivers.md</code> describes how frameworks and proxies change a target.
    </p>
    <h3>Rotate</h3>
    <p>
      Rotate with an overlap and give the new secret to the receiver. Until the overlap ends, both secrets
      sign. If a secret has leaked, rotate it without an overlap.
    </p>
  </>
);
