import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";
import type { Subscription } from "./called-when";

/** Subscription to try. What is left out is as the endpoint has it. */
export type DryRunInput = Partial<Subscription>;

/** An event, and whether it would have been sent. */
export interface DryRunEvent {
  eventID: string;
  eventType: Schemas["EventType"];
  instanceID: string;
  processName: string;
  changedAt: string;
  sent: boolean;
  /** Present only if the event would not have been sent. */
  excludedBy?: "callbacks" | "processNames" | "changed" | "where";
}

export interface DryRunBody {
  /** The newest first, at most 100. */
  events: DryRunEvent[];
  /** Number of events that would have been sent. */
  sent: number;
  /** `false` if the stream could not be read back: the events are those that came during the request. */
  complete: boolean;
}

type Content<Type extends string, Body> = { headers: Record<string, unknown>; content: Record<Type, Body> };

declare module "../api/schema" {
  interface paths {
    "/v1/workspaces/{workspace}/endpoints/{endpointID}/dry-run": {
      post: {
        parameters: { path: { workspace: string; endpointID: string } };
        requestBody: { content: { "application/json": DryRunInput } };
        responses: {
          200: Content<"application/json", DryRunBody>;
          default: Content<"application/problem+json", Problem>;
        };
      };
    };
  }
}
