/** Prefix of the key under which the OpenID Connect client keeps the session, in the tab's storage. */
export const SESSION = "oidc.user:";
