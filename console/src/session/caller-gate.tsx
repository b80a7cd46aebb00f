import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { query } from "../api/client";
import { isProblem } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import type { Config } from "../config";
import { PRODUCT } from "../labels/views";
import { SessionContext } from "./session";
import { Standalone } from "./standalone";

interface Props {
  config: Config;
  signOut?: () => void;
  children: ReactNode;
}

/** Loads the caller and their permissions, and provides the session. */
export function CallerGate({ config, signOut, children }: Props) {
  const caller = query.useQuery("get", "/v1/caller", {}, { staleTime: Number.POSITIVE_INFINITY });
  if (caller.isPending) {
    return <Loading />;
  }
  if (caller.isError) {
    const signedOut = isProblem(caller.error) && caller.error.status === 401;
    return (
      <Standalone title={PRODUCT}>
        <ErrorAlert error={caller.error} onRetry={signedOut && signOut ? signOut : () => caller.refetch()} />
      </Standalone>
    );
  }
  const { id, name, grants, operator } = caller.data;
  if (grants.length === 0 && !operator) {
    return (
      <Standalone title={PRODUCT}>
        <Alert
          type="info"
          header={`You are signed in as ${name ?? id}, but have no role`}
          statusIconAriaLabel="Info"
          action={signOut && <Button onClick={signOut}>Sign out</Button>}
        >
          Ask the administrator of your sign-in to add you to the administrators or the developers group and
          to set your workspace, or to add you to the operators group. Then sign out and sign in again.
        </Alert>
      </Standalone>
    );
  }
  const session = { config, name: name ?? id, grants, operator, signOut };
  return <SessionContext value={session}>{children}</SessionContext>;
}
