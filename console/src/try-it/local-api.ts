import createFetchClient from "openapi-fetch";
import createQueryHooks from "openapi-react-query";
import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";

/** Paths of the local program. The OpenAPI document of the product does not list them. */
export interface LocalPaths {
  "/local/instances": {
    get: { responses: JsonResponse<{ instances: Instance[] }> };
  };
  "/local/instances/{instanceID}": {
    parameters: InstanceParameters;
    put: {
      /** With `If-None-Match: *` an instance that exists is left as it is. */
      parameters: InstanceParameters & { header?: { "If-None-Match": "*" } };
      requestBody: Json<{ processName: string; workspaceID: string }>;
      responses: JsonResponse<{ eventType: Schemas["EventType"] }>;
    };
    delete: { parameters: InstanceParameters; responses: NoContent };
  };
  "/local/receiver-log": {
    get: {
      parameters: { query: { after: number; wait: boolean; workspace: string } };
      responses: JsonResponse<LogUpdate>;
    };
    delete: { parameters: { query: { workspace: string } }; responses: NoContent };
  };
  "/local/receiver-behaviour": {
    put: { requestBody: Json<Behaviour>; responses: JsonResponse<Behaviour> };
  };
}

/** An item of the instance table. Missing attributes are `null`. */
export interface Instance {
  instanceID: string | null;
  processName: string | null;
  workspaceID: string | null;
}

/** Behaviour of the built-in receiver. */
export type Behaviour =
  | { answer: "ok" }
  | { answer: "fail"; status: number }
  | { answer: "slow"; delayMs: number }
  | { answer: "hang" };

/** A request to the built-in receiver. */
export interface ReceivedRequest {
  number: number;
  at: string;
  method: string;
  path: string;
  /** Verbatim. */
  query: string | null;
  instanceID: string | null;
  processName: string | null;
  eventType: string | null;
  headers: Record<string, string>;
  outcome: "waiting" | "answered" | "hung-up";
  status: number | null;
  /** Time from arrival to outcome. */
  afterMs: number | null;
}

/** An update of the receiver's log. */
export interface LogUpdate {
  behaviour: Behaviour;
  /** Requests that are new or have changed, the oldest first. */
  requests: ReceivedRequest[];
  /** Value of `after` for the next call. */
  last: number;
}

interface Json<Body> {
  content: { "application/json": Body };
}

interface ProblemResponse {
  default: { content: { "application/problem+json": Problem } };
}

type JsonResponse<Body> = { 200: Json<Body> } & ProblemResponse;
type NoContent = { 204: { content?: never } } & ProblemResponse;

interface InstanceParameters {
  path: { instanceID: string };
}

export const localApi = createFetchClient<LocalPaths>({ baseUrl: location.origin });

export const localQuery = createQueryHooks(localApi);
