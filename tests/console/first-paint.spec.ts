import { readFileSync } from "node:fs";
import { holdRequests, withoutPolls } from "./support/routes";
import { expect, expectProgram, type Page, type Program, test } from "./support/test";
import { WAIT_TIMEOUT_MS } from "./support/timeouts";

/** Size limit of the dialog's first paint, in KiB as transferred. */
const DIALOG_KIB = 177;

/** Maximum number of requests of a view until it is at rest. On AWS each file is a call of a function. */
const REQUESTS = 30;

/** Limit of what Web Vitals calls good: how far a view's content is shifted while it loads (CLS). */
const SHIFT = 0.1;

/** Size limits of the views with a navigation until they are at rest, in KiB. Most of it is React and Cloudscape. */
const VIEWS_KIB = {
  "": 373, // with the charts, which come last
  callbacks: 287,
  deliveries: 389,
  endpoints: 361,
  signing: 326,
  audit: 349,
  "try-it": 325,
};

const manifest: Record<string, { file: string; css?: string[]; imports?: string[] }> = JSON.parse(
  readFileSync(new URL("../../console/dist/.vite/manifest.json", import.meta.url), "utf8"),
);

/** Returns the files that entries load before they run. */
function filesOf(...entries: string[]): Set<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string) => {
    const chunk = manifest[name];
    if (!chunk) {
      throw new Error(`the manifest has no ${name}`);
    }
    if (!seen.has(name)) {
      seen.add(name);
      for (const file of [chunk.file, ...(chunk.css ?? [])]) {
        files.add(`/${file}`);
      }
      chunk.imports?.forEach(visit);
    }
  };
  entries.forEach(visit);
  return files;
}

/** Returns the script and the style sheet that come before the program. */
const first = () => Object.keys(manifest).filter((name) => /^_(early|frame)-/.test(name));

/** Returns the transferred size of the files. */
async function sentBytes(program: Program, paths: Iterable<string>): Promise<number> {
  const sizes = [...paths].map(async (path) => {
    const response = await fetch(program.url + path, {
      headers: { "accept-encoding": "br" },
      signal: AbortSignal.timeout(WAIT_TIMEOUT_MS),
    });
    const size = Number(response.headers.get("content-length"));
    // The smallest files would not become smaller.
    expect(response.headers.get("content-encoding") === "br" || size < 512, path).toBe(true);
    return size;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Sums up how far content is shifted on the pages that are opened from now on. */
async function observeShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const shifts: PerformanceEntry[] = [];
    new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({
      type: "layout-shift",
      buffered: true,
    });
    Object.assign(window, { shifts });
  });
  return () =>
    page.evaluate(() => (window as any).shifts.reduce((sum: number, { value }: any) => sum + value, 0));
}

test(`the dialog's first paint takes less than ${DIALOG_KIB} KiB`, async ({ page, program, workspace }) => {
  const needed = filesOf(...first(), "index.html", "src/callbacks/dialog.tsx");
  const kib = (await sentBytes(program, [workspace.path("callbacks/edit"), ...needed])) / 1024;
  test.info().annotations.push({ type: "first paint of the dialog", description: `${kib.toFixed(1)} KiB` });
  expect(kib).toBeLessThan(DIALOG_KIB);
  expect(kib, "it is counted at all").toBeGreaterThan(50);

  await holdRequests(page, ({ pathname }) => pathname.startsWith("/assets/") && !needed.has(pathname));
  await page.goto(workspace.path("callbacks/edit"));
  await expect(page.getByRole("dialog", { name: "Instance Callback URLs" })).toBeVisible();
  await expect(page.getByRole("switch").or(page.getByRole("checkbox"))).toHaveCount(3);
});

test("a view's files, settings and first data are requested beside the program", async ({
  page,
  workspace,
}) => {
  const program = filesOf("index.html");
  const files = [...filesOf("src/shell/shell.tsx", "src/deliveries/deliveries.tsx")].filter(
    (file) => !program.has(file),
  );
  const data = ["/console.json", "/v1/caller", `/v1${workspace.path("endpoints")}`];
  await holdRequests(page, ({ pathname }) => pathname.endsWith(".js") && program.has(pathname));
  const requested = new Set<string>();
  page.on("request", (request) => requested.add(new URL(request.url()).pathname));
  await page.goto(workspace.path("deliveries"), { waitUntil: "commit" });
  await expect.poll(() => [...files, ...data].filter((path) => !requested.has(path))).toEqual([]);
});

for (const [view, limit] of Object.entries(VIEWS_KIB)) {
  const name = view || "overview";
  test(`${name} takes at most ${REQUESTS} requests and ${limit} KiB, and holds still`, async ({
    page,
    program,
    workspace,
    receiver,
  }) => {
    await workspace.setCallbackUrls(receiver.url);
    await workspace.putInstance(workspace.name);
    await expect.poll(() => receiver.requests.length).toBe(1);
    const shifted = await observeShifts(page);
    // The requests are those of the view's opening: a slow machine sees more polls.
    await withoutPolls(page);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await page.goto(workspace.path(view));
    await expectProgram(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    // At rest: one second without a new request. A long poll stays open.
    let seen = 0;
    await expect
      .poll(
        () => {
          const before = seen;
          seen = requests.length;
          return before === seen;
        },
        { intervals: [1000] },
      )
      .toBe(true);
    const files = requests.filter((path) => path.startsWith("/assets/"));
    const kib = (await sentBytes(program, [workspace.path(view), ...files])) / 1024;
    test.info().annotations.push({
      type: `first view of ${name}`,
      description: `${requests.length} requests, ${kib.toFixed(1)} KiB of files, shifted by ${(await shifted()).toFixed(3)}`,
    });
    expect(requests.length, requests.join("\n")).toBeLessThanOrEqual(REQUESTS);
    expect(files.length, "files are counted").toBeGreaterThan(5);
    const once = [...files, "/console.json", "/v1/caller"];
    expect(requests.filter((path) => once.includes(path)).sort()).toEqual([...new Set(once)].sort());
    expect(kib).toBeLessThan(limit);
    expect(await shifted()).toBeLessThan(SHIFT);
  });
}
