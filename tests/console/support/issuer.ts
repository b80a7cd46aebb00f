import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Configuration, Provider } from "oidc-provider";

/** Users by login, with the claims in their tokens. */
export const USERS: Record<string, { groups: string[]; workspace: string }> = {
  ada: { groups: ["Administrator"], workspace: "team-a" },
  olga: { groups: ["Operator"], workspace: "" },
  "no-role": { groups: [], workspace: "team-a" },
};

/** A certified OpenID Connect provider whose login page accepts any password. */
export class Issuer {
  private constructor(
    readonly url: string,
    /** Registers the console by its address. Requests wait until then. */
    readonly registerConsole: (console: string) => void,
    readonly stop: () => Promise<void>,
  ) {}

  static readonly clientId = "console";

  static async start(): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let registerConsole = (_: string) => {};
    const provider = new Promise<ReturnType<Provider["callback"]>>((resolve) => {
      registerConsole = (console) => resolve(new Provider(url, configuration(`${console}/`)).callback());
    });
    server.on("request", async (request, response) => (await provider)(request, response));
    return new Issuer(url, registerConsole, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }
}

function configuration(redirectUri: string): Configuration {
  return {
    clients: [
      {
        client_id: Issuer.clientId,
        token_endpoint_auth_method: "none",
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub", "groups", "workspace", "preferred_username"] },
    // Claims are in the ID token, as with Cognito.
    conformIdTokenClaims: false,
    clientBasedCORS: () => true,
    cookies: { keys: ["only for tests"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, ...USERS[id] }),
    }),
    features: { devInteractions: { enabled: true } },
  };
}
