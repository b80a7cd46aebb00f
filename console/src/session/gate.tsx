import { lazy, type ReactNode, Suspense } from "react";
import { Loading } from "../components/loading";
import type { Config } from "../config";
import { CallerGate } from "./caller-gate";

// With the OpenID Connect client, which nobody needs on one's own machine.
const SignIn = lazy(() => import("./sign-in"));

/** Shows what stands inside to whoever may see it. */
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
