import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A received request. */
export interface ReceivedRequest {
  /** Path and query. */
  target: string;
  headers: IncomingHttpHeaders;
  instanceID: string | null;
  processName: string | null;
  eventType: string | null;
}

/** A status to respond with, `hang`, or a handler. */
export type ReceiverBehaviour =
  | number
  | "hang"
  | ((request: ReceivedRequest, response: ServerResponse) => void);

/** The application behind a callback URL. */
export class Receiver {
  readonly requests: ReceivedRequest[] = [];
  private answer: ReceiverBehaviour = 200;
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const receiver = new Receiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      const target = request.url ?? "";
      const query = new URL(target, receiver.url).searchParams;
      const received = {
        target,
        headers: request.headers,
        instanceID: query.get("instanceID"),
        processName: query.get("processName"),
        eventType: query.get("eventType"),
      };
      receiver.requests.push(received);
      const answer = receiver.answer;
      if (typeof answer === "number") {
        response.writeHead(answer, { "content-type": "text/plain" }).end(`answered ${answer}`);
      } else if (answer !== "hang") {
        answer(received, response);
      }
    });
    return receiver;
  }

  /** Sets the response to all later requests. */
  respondWith(answer: ReceiverBehaviour) {
    this.answer = answer;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
