import { earlyFetch } from "./early";

/** Configuration of the console, served at `/console.json`. */
export interface Config {
  version: string;
  /** Sign-in settings; `null` for a local program without sign-in. */
  signIn: SignIn | null;
  /** `true` if the program has a built-in receiver and an instance table. */
  tryIt: boolean;
}

export interface SignIn {
  issuer: string;
  /** Client ID of the console; `null` if none is configured. */
  clientId: string | null;
  scope: string;
  /** The token that the API accepts. */
  token: "id" | "access";
  /** Logout URL, for issuers whose discovery document has none. */
  logoutUrl: string | null;
}

export async function loadConfig(): Promise<Config> {
  const response = await earlyFetch(new Request("/console.json", { cache: "no-store" }));
  if (!response.ok) {
    throw new Error(`/console.json responded with status ${response.status}`);
  }
  return response.json();
}
