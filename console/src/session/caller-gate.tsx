import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { query } from "../api/client";
import { isProblem } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import type { Config } from "../config";
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
      <Standalone title="Instance Webhooks">
        <ErrorAlert error={caller.error} onRetry={signedOut && signOut ? signOut : () => caller.refetch()} />
      </Standalone>
    );
  }
  const { id, name, grants } = caller.data;
  if (grants.length === 0) {
    return (
      <Standalone title="Instance Webhooks">
        <Alert
          type="info"
          header={`You have signed in as ${name ?? id}, but have no role here`}
          statusIconAriaLabel="Info"
          action={signOut && <Button onClick={signOut}>Sign out</Button>}
        >
          Ask whoever administers your sign-in to put you into the group of the administrators or of the
          developers, and to name your workspace. Then sign out and in again.
        </Alert>
      </Standalone>
    );
  }
  return <SessionContext value={{ config, name: name ?? id, grants, signOut }}>{children}</SessionContext>;
}
