import { lazy, type ReactNode, Suspense } from "react";
import { Loading } from "../components/loading";
import type { Config } from "../config";
import { CallerGate } from "./caller-gate";

// Loaded on demand: a local program without sign-in does not need the OpenID Connect client.
const SignIn = lazy(() => import("./sign-in"));

/** Shows its content to signed-in users. */
export function SessionGate({ config, children }: { config: Config; children: ReactNode }) {
  if (!config.signIn) {
    return <CallerGate config={config}>{children}</CallerGate>;
  }
  return (
    <Suspense fallback={<Loading />}>
      <SignIn config={config} signIn={config.signIn}>
        {children}
      </SignIn>
    </Suspense>
  );
}
