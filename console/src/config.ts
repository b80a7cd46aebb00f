/** What the console is told by whoever serves it: `/console.json`. */
export interface Config {
  version: string;
  /** Who signs people in; null where nobody has to sign in: on one's own machine. */
  signIn: SignIn | null;
  /** Whether the program has a receiver and instances to play with. */
  tryIt: boolean;
}

export interface SignIn {
  issuer: string;
  /** The console's name at the issuer; null when nobody has told. */
  clientId: string | null;
  scope: string;
  /** Which of the two tokens the API takes. */
  token: "id" | "access";
  /** Where to end the session, for an issuer whose discovery document does not say. */
  logoutUrl: string | null;
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch("/console.json", { cache: "no-store" });
  if (!response.ok) {
    throw new Error(`/console.json answered ${response.status}`);
  }
  return response.json();
}
