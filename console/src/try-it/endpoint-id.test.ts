import { expect, test } from "vitest";
import { endpointIdOf } from "./endpoint-id";

/** Returns the id of a request to this target. */
const idOf = (path: string, query: string) =>
  endpointIdOf({ path, query, headers: { host: "127.0.0.1:8787" } });

const PARAMETERS = "instanceID=i%201&processName=Order&eventType=created";

test("an endpoint's id is the hash of the URL without our parameters", async () => {
  // printf %s http://127.0.0.1:8787/local/receiver/created | sha256sum | cut -c1-32
  expect(await idOf("/local/receiver/created", PARAMETERS)).toBe("857517a959caf57fc9540d694802845d");
  // The same of http://127.0.0.1:8787/local/receiver/created?workspace=acme
  expect(await idOf("/local/receiver/created", `workspace=acme&${PARAMETERS}`)).toBe(
    "eda818db550663172596870d54d3b80c",
  );
});
