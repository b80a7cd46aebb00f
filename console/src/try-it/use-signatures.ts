import { focusManager } from "@tanstack/react-query";
import { useEffect, useReducer, useRef, useState } from "react";
import { POLL_INTERVAL_MS } from "../api/client";
import { allSecrets, readSecret } from "../signing/read-secret";
import { verify } from "../signing/signature";
import { useWorkspace } from "../workspace";
import { endpointIdOf } from "./endpoint-id";
import type { ReceivedRequest } from "./local-api";

/**
 * Verifies each request with the secrets of its endpoint, in the browser, as a receiver does when it arrives. Returns the
 * results by request number. A result is kept: the secret may be rotated afterwards.
 */
export function useSignatures(requests: ReceivedRequest[]): Map<number, boolean> {
  const { workspace } = useWorkspace();
  const [verified, setVerified] = useState<Map<number, boolean>>(new Map());
  const [, renderAgain] = useReducer((times: number) => times + 1, 0);
  const running = useRef(false);
  const open = requests.filter(({ number, headers }) => isSigned(headers) && !verified.has(number));

  useEffect(() => {
    if (open.length === 0 || running.current || !focusManager.isFocused()) {
      return;
    }
    running.current = true;
    // The first callback creates the secrets: they are read when a request waits for its result.
    verifyAll(workspace, open)
      .then((results) => setVerified((before) => new Map([...before, ...results])))
      // Until the secret can be read, a request shows no result.
      .catch(() => new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS)))
      .finally(() => {
        running.current = false;
        renderAgain();
      });
  });
  return verified;
}

const isSigned = (headers: Record<string, string>) => headers["webhook-signature"] !== undefined;

/** Reads the secret of each endpoint once, and verifies its requests. */
async function verifyAll(workspace: string, requests: ReceivedRequest[]): Promise<[number, boolean][]> {
  const secrets = new Map<string, Promise<string[]>>();
  const secretsOf = (endpointID: string) => {
    const known = secrets.get(endpointID) ?? readSecret(workspace, endpointID).then(allSecrets);
    secrets.set(endpointID, known);
    return known;
  };
  return Promise.all(
    requests.map(async (request): Promise<[number, boolean]> => {
      const endpointID = await endpointIdOf(request);
      return [request.number, await isValid(request, await secretsOf(endpointID))];
    }),
  );
}

async function isValid({ path, query, headers }: ReceivedRequest, secrets: string[]): Promise<boolean> {
  const pasted = {
    target: query === null ? path : `${path}?${query}`,
    id: headers["webhook-id"] ?? "",
    timestamp: headers["webhook-timestamp"] ?? "",
    signature: headers["webhook-signature"] ?? "",
  };
  return (await verify(pasted, secrets)).kind === "valid";
}
