/** What the OpenID Connect client's keys begin with, and those of them that are the session itself. */
const CLIENT = "oidc.";
const SESSION = "oidc.user:";

/**
 * Removes what sign-ins and sign-outs have left in the browser, the session apart: PKCE verifiers, and the views that were
 * asked for. A sign-in that is done needs none of it, and one that was broken off is begun again.
 */
export function removeSignInState(...stores: Storage[]) {
  for (const store of stores) {
    const keys = Array.from({ length: store.length }, (_, index) => store.key(index) ?? "");
    for (const key of keys.filter((key) => key.startsWith(CLIENT) && !key.startsWith(SESSION))) {
      store.removeItem(key);
    }
  }
}
