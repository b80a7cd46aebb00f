import { InMemoryWebStorage, OidcClient, WebStorageStateStore } from "oidc-client-ts";
import { expect, test } from "vitest";
import { removeSignInState } from "./remove-sign-in-state";

test("a finished sign-in leaves only the session", async () => {
  const store = new InMemoryWebStorage();
  const client = new OidcClient({
    authority: "https://id.example",
    client_id: "console",
    redirect_uri: "https://console.example/",
    metadata: { issuer: "https://id.example", authorization_endpoint: "https://id.example/authorize" },
    stateStore: new WebStorageStateStore({ store }),
  });
  const kept = () =>
    Array.from({ length: store.length }, (_, index) => store.getItem(store.key(index) ?? ""));
  await client.createSigninRequest({ state: "/workspaces/acme/audit" });
  await client.createSigninRequest({ state: "/workspaces/acme/signing" });
  expect(kept().filter((entry) => entry?.includes("code_verifier")).length).toBe(2);
  store.setItem("oidc.user:https://id.example:console", "the session");
  store.setItem("signed-out", "yes");

  removeSignInState(store);

  expect(kept().sort()).toEqual(["the session", "yes"]);
});
