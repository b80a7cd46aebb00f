import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { WebStorageStateStore } from "oidc-client-ts";
import { type ReactNode, useEffect } from "react";
import { AuthProvider, type AuthProviderProps, useAuth } from "react-oidc-context";
import { useNavigate } from "react-router";
import { queryClient, setTokenSource } from "../api/client";
import { Loading } from "../components/loading";
import type { Config, SignIn as Settings } from "../config";
import { PRODUCT } from "../labels/views";
import { CallerGate } from "./caller-gate";
import { removeSignInState } from "./remove-sign-in-state";
import { Standalone } from "./standalone";

interface Props {
  config: Config;
  signIn: Settings;
  children: ReactNode;
}

/** Redirect URI of every sign-in: the only one registered with the issuer. */
const redirectUri = `${location.origin}/`;

/** Key that marks a deliberate sign-out, after which no sign-in starts by itself. */
const SIGNED_OUT = "signed-out";

/** Signs in with OpenID Connect: authorization code with PKCE (RFC 7636). Tokens are kept until the tab is closed. */
export default function SignIn({ config, signIn, children }: Props) {
  const navigate = useNavigate();
  const { issuer, clientId, scope } = signIn;
  if (clientId === null) {
    return (
      <Standalone title={PRODUCT}>
        <Alert type="info" header="The console has no client ID" statusIconAriaLabel="Info">
          The API accepts tokens of {issuer}. To sign in here, register a public client there (authorization
          code with PKCE, redirect URI {redirectUri}) and configure its ID: <code>--client-id</code> of a
          local program, the parameter <code>ConsoleClientId</code> of a deployment.
        </Alert>
      </Standalone>
    );
  }
  const settings: AuthProviderProps = {
    authority: issuer,
    client_id: clientId,
    redirect_uri: redirectUri,
    post_logout_redirect_uri: redirectUri,
    scope,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: true,
    onSigninCallback: (user) => {
      removeSignInState(sessionStorage, localStorage);
      navigate(returnPath(user?.state), { replace: true });
    },
  };
  return (
    <AuthProvider {...settings}>
      <SignedIn config={config} signIn={signIn}>
        {children}
      </SignedIn>
    </AuthProvider>
  );
}

function SignedIn({ config, signIn, children }: Props) {
  const auth = useAuth();
  const { user, isLoading, activeNavigator, error } = auth;
  const usable = user && !user.expired;
  const busy = isLoading || activeNavigator !== undefined;
  const shouldSignIn = !usable && !busy && !error && !sessionStorage.getItem(SIGNED_OUT);

  const startSignIn = () => {
    sessionStorage.removeItem(SIGNED_OUT);
    return auth.signinRedirect({ state: location.pathname + location.search });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: `startSignIn` is a new function at each rendering
  useEffect(() => {
    if (shouldSignIn) {
      void startSignIn();
    }
  }, [shouldSignIn]);

  // After a failed sign-in, and after a sign-out.
  const ended = error !== undefined || (!busy && sessionStorage.getItem(SIGNED_OUT) !== null);
  useEffect(() => {
    if (ended) {
      removeSignInState(sessionStorage, localStorage);
    }
  }, [ended]);

  setTokenSource(() => (signIn.token === "id" ? user?.id_token : user?.access_token));

  if (usable) {
    const signOut = async () => {
      sessionStorage.setItem(SIGNED_OUT, "yes");
      queryClient.clear();
      if (signIn.logoutUrl) {
        await auth.removeUser();
        location.assign(cognitoLogoutUrl(signIn.logoutUrl, signIn.clientId ?? ""));
      } else {
        await auth.signoutRedirect().catch(() => auth.removeUser()); // the issuer has no end-session endpoint
      }
    };
    return (
      <CallerGate config={config} signOut={() => void signOut()}>
        {children}
      </CallerGate>
    );
  }
  if (error) {
    return (
      <Standalone title={PRODUCT}>
        <Alert
          type="error"
          header="Sign-in failed"
          statusIconAriaLabel="Error"
          action={<Button onClick={() => void startSignIn()}>Sign in</Button>}
        >
          {error.message}. Check that the issuer {signIn.issuer} can be reached, then sign in again.
        </Alert>
      </Standalone>
    );
  }
  if (sessionStorage.getItem(SIGNED_OUT)) {
    return (
      <Standalone title={PRODUCT}>
        <Alert
          type="success"
          header="You have signed out"
          statusIconAriaLabel="Success"
          action={<Button onClick={() => void startSignIn()}>Sign in</Button>}
        />
      </Standalone>
    );
  }
  return <Loading label="Signing in" />;
}

/**
 * Returns the URL of Cognito's logout endpoint, whose parameters differ from OpenID Connect's RP-initiated logout.
 */
function cognitoLogoutUrl(url: string, clientId: string) {
  const address = new URL(url);
  address.searchParams.set("client_id", clientId);
  address.searchParams.set("logout_uri", redirectUri);
  return address.href;
}

/** Returns the view requested before the sign-in. Only a path of this origin is accepted. */
function returnPath(state: unknown): string {
  return typeof state === "string" && /^\/(?!\/)/.test(state) ? state : "/";
}
