import { api, type Schemas } from "../api/client";
import { ENDPOINT_SECRET } from "./use-secret-mutation";

/** Reads the signing secret of an endpoint once, without keeping it. Throws the problem. */
export async function readSecret(workspace: string, endpointID: string): Promise<Schemas["SigningSecret"]> {
  const { data, error } = await api.GET(ENDPOINT_SECRET, { params: { path: { workspace, endpointID } } });
  if (error) {
    throw error;
  }
  return data;
}

/** Returns the secrets that sign, the current one first. */
export const allSecrets = ({ secret, previous }: Schemas["SigningSecret"]): string[] => [
  secret,
  ...previous.map(({ secret }) => secret),
];
