import { SESSION } from "./session-key";

/** Prefix of all keys of the OpenID Connect client. */
const CLIENT = "oidc.";

/**
 * Removes the state of finished and aborted sign-ins and sign-outs from the browser: PKCE verifiers and requested
 * views. The session is kept.
 */
export function removeSignInState(...stores: Storage[]) {
  for (const store of stores) {
    const keys = Array.from({ length: store.length }, (_, index) => store.key(index) ?? "");
    for (const key of keys.filter((key) => key.startsWith(CLIENT) && !key.startsWith(SESSION))) {
      store.removeItem(key);
    }
  }
}
