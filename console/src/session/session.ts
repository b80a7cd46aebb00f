import { createContext, useContext } from "react";
import type { Schemas } from "../api/client";
import type { Config } from "../config";

export type Permission = Schemas["Permission"];

export interface Grant {
  /** null is every workspace. */
  workspace: string | null;
  permissions: Permission[];
}

/** Who looks at the console, and what they may do. */
export interface Session {
  config: Config;
  /** The name, or the id of who has none. */
  name: string;
  grants: Grant[];
  /** Ends it; undefined where nobody has to sign in. */
  signOut?: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) {
    throw new Error("only what stands inside the session asks for it");
  }
  return session;
}

/** Whether the viewer may do it in that workspace. What is not allowed is not offered; the API has the last word. */
export function may(session: Session, workspace: string, permission: Permission): boolean {
  return session.grants.some(
    (grant) =>
      (grant.workspace === null || grant.workspace === workspace) && grant.permissions.includes(permission),
  );
}

/** The workspaces that the viewer may choose among; null is any. */
export function workspacesOf(session: Session): string[] | null {
  const names = session.grants.map((grant) => grant.workspace);
  return names.includes(null) ? null : names.filter((name) => name !== null);
}
