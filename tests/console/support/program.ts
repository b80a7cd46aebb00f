import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { WAIT_TIMEOUT_MS } from "./timeouts";

const BINARY =
  process.env.PROGRAM ?? new URL("../../../target/debug/instance-webhooks", import.meta.url).pathname;

/** Environment variables that the program inherits. The test sets all others. */
const INHERITED_VARIABLES = ["HOME", "PATH", "TMPDIR", "LD_LIBRARY_PATH", "LD_PRELOAD", "FAKETIME"];

/** The running program, with an in-memory database. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    /** Address of console and API. */
    readonly url: string,
    /** Address of the embedded DynamoDB. */
    readonly dynamodb: string,
    private readonly log: string[],
  ) {}

  /** Starts the program, by default on a free port. */
  static async start(
    settings: Record<string, string> = {},
    flags: string[] = [],
    port = "0",
  ): Promise<Program> {
    const environment = Object.fromEntries(INHERITED_VARIABLES.map((name) => [name, process.env[name]]));
    const child = spawn(BINARY, ["--port", port, "--dynamodb-port", "0", "--in-memory", ...flags], {
      env: { ...environment, NO_COLOR: "1", ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // The program also ends with a test run that is interrupted.
    process.once("exit", () => child.kill("SIGKILL"));
    const log: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
    const ready = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the program ended with ${code}:\n${log.join("\n")}`)));
    });
    const url = /API (http:\S+?),/.exec(ready)?.[1];
    const dynamodb = /DynamoDB (http:\S+)/.exec(ready)?.[1];
    if (!url || !dynamodb) {
      throw new Error(`the ready line names the addresses of API and DynamoDB: ${ready}`);
    }
    return new Program(child, url, dynamodb, log);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill("SIGKILL");
      await ended;
    }
  }

  /** The log so far. */
  get stderr(): string {
    return this.log.join("\n");
  }

  /** Sends a request to the program and returns the JSON of the response. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<any> {
    const response = await fetch(this.url + path, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(WAIT_TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }
}
