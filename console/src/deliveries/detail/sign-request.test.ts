import { expect, test } from "vitest";
import { verify } from "../../signing/signature";
import { signRequest } from "./sign-request";

const SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"];

test("a request is signed by each secret, as a receiver verifies it", async () => {
  const request = {
    method: "GET",
    url: "https://my-service.com/a%20b?x=1&instanceID=%2F&processName=p&eventType=created",
    headers: [{ name: "webhook-id", value: "event-1" }],
  };
  const { headers } = await signRequest(request, SECRETS, 1_700_000_000_999);
  const value = (name: string) => headers.find((header) => header.name === name)?.value ?? "";
  expect(value("webhook-timestamp")).toBe("1700000000");
  const pasted = {
    target: request.url,
    id: value("webhook-id"),
    timestamp: value("webhook-timestamp"),
    signature: value("webhook-signature"),
  };
  expect(await verify(pasted, SECRETS)).toMatchObject({ kind: "valid", secrets: SECRETS });
});
