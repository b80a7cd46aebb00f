import createFetchClient from "openapi-fetch";
import createQueryHooks from "openapi-react-query";
import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";

/** What only the program on one's own machine has, and no document of the product's API therefore lists. */
export interface LocalPaths {
  "/local/instances": {
    get: { responses: Answers<{ instances: Instance[] }> };
  };
  "/local/instances/{instanceID}": {
    parameters: ByInstance;
    put: {
      parameters: ByInstance;
      requestBody: Json<{ processName: string; workspaceID: string }>;
      responses: Answers<{ eventType: Schemas["EventType"] }>;
    };
    delete: { parameters: ByInstance; responses: NoContent };
  };
  "/local/receiver-log": {
    get: {
      parameters: { query: { after: number; wait: boolean } };
      responses: Answers<News>;
    };
    delete: { responses: NoContent };
  };
  "/local/receiver-behaviour": {
    put: { requestBody: Json<Behaviour>; responses: Answers<Behaviour> };
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
export interface Received {
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
export interface News {
  behaviour: Behaviour;
  /** Those that came or had their outcome since, the oldest first. */
  requests: Received[];
  /** What to ask for the next time. */
  last: number;
}

interface Json<Body> {
  content: { "application/json": Body };
}

interface Refused {
  default: { content: { "application/problem+json": Problem } };
}

type Answers<Body> = { 200: Json<Body> } & Refused;
type NoContent = { 204: { content?: never } } & Refused;

interface ByInstance {
  path: { instanceID: string };
}

export const localApi = createFetchClient<LocalPaths>({ baseUrl: location.origin });

export const localQuery = createQueryHooks(localApi);
