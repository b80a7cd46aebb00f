import createFetchClient from "openapi-fetch";
import createQueryHooks from "openapi-react-query";
import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";

/** What only the program on one's own machine has, and no document of the product's API therefore lists. */
export interface LocalPaths {
  "/local/instances": {
    get: { responses: JsonResponse<{ instances: Instance[] }> };
  };
  "/local/instances/{instanceID}": {
    parameters: InstanceParameters;
    put: {
      parameters: InstanceParameters;
      requestBody: Json<{ processName: string; workspaceID: string }>;
      responses: JsonResponse<{ eventType: Schemas["EventType"] }>;
    };
    delete: { parameters: InstanceParameters; responses: NoContent };
  };
  "/local/receiver-log": {
    get: {
      parameters: { query: { after: number; wait: boolean } };
      responses: JsonResponse<LogUpdate>;
    };
    delete: { responses: NoContent };
  };
  "/local/receiver-behaviour": {
    put: { requestBody: Json<Behaviour>; responses: JsonResponse<Behaviour> };
  };
}

/** An item of the instance table; what it lacks is null. */
export interface Instance {
  instanceID: string | null;
  processName: string | null;
  workspaceID: string | null;
}

/** How the built-in receiver answers. */
export type Behaviour =
  | { answer: "ok" }
  | { answer: "fail"; status: number }
  | { answer: "slow"; delayMs: number }
  | { answer: "hang" };

/** A request that came to the built-in receiver. */
export interface ReceivedRequest {
  number: number;
  at: string;
  method: string;
  path: string;
  /** As it was sent. */
  query: string | null;
  instanceID: string | null;
  processName: string | null;
  eventType: string | null;
  headers: Record<string, string>;
  outcome: "waiting" | "answered" | "hung-up";
  status: number | null;
  /** Until the outcome. */
  afterMs: number | null;
}

/** What is new in the receiver's log. */
export interface LogUpdate {
  behaviour: Behaviour;
  /** Those that came or had their outcome since, the oldest first. */
  requests: ReceivedRequest[];
  /** What to ask for the next time. */
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
