import { readFileSync } from "node:fs";
import { holdRequests } from "./support/routes";
import { expect, type Program, test } from "./support/test";

/** Size limit of the dialog's first paint, in KiB as transferred. */
const DIALOG_KIB = 250;

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

/** Returns the transferred size of the files. */
async function sentBytes(program: Program, paths: Iterable<string>): Promise<number> {
  const sizes = [...paths].map(async (path) => {
    const response = await fetch(program.url + path, { headers: { "accept-encoding": "br" } });
    expect(response.headers.get("content-encoding"), path).toBe("br");
    return Number(response.headers.get("content-length"));
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test(`the dialog's first paint takes less than ${DIALOG_KIB} KiB`, async ({ page, program, workspace }) => {
  const needed = filesOf("index.html", "src/callbacks/dialog.tsx");
  const kib = (await sentBytes(program, ["/", ...needed])) / 1024;
  test.info().annotations.push({ type: "first paint of the dialog", description: `${kib.toFixed(1)} KiB` });
  expect(kib).toBeLessThan(DIALOG_KIB);
  expect(kib, "it is counted at all").toBeGreaterThan(50);

  await holdRequests(page, ({ pathname }) => pathname.startsWith("/assets/") && !needed.has(pathname));
  await page.goto(workspace.path("callbacks/edit"));
  await expect(page.getByRole("dialog", { name: "Instance Callback URLs" })).toBeVisible();
  await expect(page.getByRole("switch").or(page.getByRole("checkbox"))).toHaveCount(3);
});
