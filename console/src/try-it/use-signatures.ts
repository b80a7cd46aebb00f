import { useEffect, useRef, useState } from "react";
import { query } from "../api/client";
import { verify } from "../signing/signature";
import { useWorkspace } from "../workspace";
import type { ReceivedRequest } from "./local-api";

/**
 * Verifies each request with the workspace's secrets, in the browser, as a receiver does when it arrives. Returns the
 * results by request number. A result is kept: the secret may be rotated afterwards.
 */
export function useSignatures(requests: ReceivedRequest[]): Map<number, boolean> {
  const { workspace } = useWorkspace();
  const [verified, setVerified] = useState<Map<number, boolean>>(new Map());
  const running = useRef(false);
  const secrets = query.useQuery(
    "get",
    "/v1/workspaces/{workspace}/signing-secret",
    { params: { path: { workspace } } },
    // The first callback creates the secret: it is read when a request waits for its result.
    { enabled: false, retry: false, gcTime: 0 },
  );
  const open = requests.filter(({ number, headers }) => isSigned(headers) && !verified.has(number));

  useEffect(() => {
    if (open.length === 0 || running.current) {
      return;
    }
    running.current = true;
    const check = async () => {
      const { data } = await secrets.refetch();
      if (data) {
        const all = [data.secret, ...data.previous.map(({ secret }) => secret)];
        const results = await Promise.all(
          open.map(async (request) => [request.number, await isValid(request, all)] as const),
        );
        setVerified((before) => new Map([...before, ...results]));
      }
    };
    // Without a result a request shows none: the next one is another chance.
    check()
      .catch(() => undefined)
      .finally(() => {
        running.current = false;
      });
  });
  return verified;
}

const isSigned = (headers: Record<string, string>) => headers["webhook-signature"] !== undefined;

async function isValid({ path, query, headers }: ReceivedRequest, secrets: string[]): Promise<boolean> {
  const pasted = {
    target: query === null ? path : `${path}?${query}`,
    id: headers["webhook-id"] ?? "",
    timestamp: headers["webhook-timestamp"] ?? "",
    signature: headers["webhook-signature"] ?? "",
  };
  return (await verify(pasted, secrets)).kind === "valid";
}
