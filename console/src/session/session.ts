import { createContext, useContext } from "react";
import type { Schemas } from "../api/client";
import type { Config } from "../config";

export type Permission = Schemas["Permission"];

export interface Grant {
  /** `null` means all workspaces. */
  workspace: string | null;
  permissions: Permission[];
}

/** The signed-in user and their permissions. */
export interface Session {
  config: Config;
  /** Display name, or the ID if there is none. */
  name: string;
  grants: Grant[];
  /** Whether the user may list all workspaces. */
  operator: boolean;
  /** Ends the session. `undefined` without sign-in. */
  signOut?: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) {
    throw new Error("useSession is used outside the session");
  }
  return session;
}

/** Returns `true` if the user has a permission in a workspace. It decides what is offered; the API enforces it. */
export function may(session: Session, workspace: string, permission: Permission): boolean {
  return session.grants.some(
    (grant) =>
      (grant.workspace === null || grant.workspace === workspace) && grant.permissions.includes(permission),
  );
}

/** Returns the workspaces of the user, or `null` if they may see all. */
export function workspacesOf(session: Session): string[] | null {
  const names = session.grants.map((grant) => grant.workspace);
  return names.includes(null) ? null : names.filter((name) => name !== null);
}
