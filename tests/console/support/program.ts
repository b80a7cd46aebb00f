import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const BINARY =
  process.env.PROGRAM ?? new URL("../../../target/debug/instance-webhooks", import.meta.url).pathname;

/** What of the developer's shell the program may see; its settings are the test's. */
const INHERITED_VARIABLES = ["HOME", "PATH", "TMPDIR", "LD_LIBRARY_PATH"];

/** The running program, which keeps nothing. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    /** Where console and API are. */
    readonly url: string,
    /** Where the embedded DynamoDB is. */
    readonly dynamodb: string,
    private readonly log: string[],
  ) {}

  static async start(settings: Record<string, string> = {}, flags: string[] = []): Promise<Program> {
    const environment = Object.fromEntries(INHERITED_VARIABLES.map((name) => [name, process.env[name]]));
    const child = spawn(BINARY, ["--port", "0", "--dynamodb-port", "0", "--in-memory", ...flags], {
      env: { ...environment, NO_COLOR: "1", ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Nor does it outlive a test run that ends before it can clean up.
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

  /** What it has logged so far. */
  get stderr(): string {
    return this.log.join("\n");
  }

  /** Calls the API, or what else the program serves, and answers the JSON: a test looks at what it expects to be there. */
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
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }
}
