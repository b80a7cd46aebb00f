import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const PACKAGE = fileURLToPath(new URL("../node_modules/@cloudscape-design/components", import.meta.url));

/** A class (`awsui_root_18582_10ld1_147`) or a custom property (`--space-l-dpyxli`), each unique by its hash. */
const NAMES = /\bawsui_[\w-]+_[a-z0-9]{5}_[a-z0-9]{5}_\d+\b|--[a-z][a-z0-9-]*-[a-z0-9]{6}\b(?!-)/g;

/** Returns the short name of each name. They follow from the package alone, so that each build of a view is the same. */
function shortNames(): Map<string, string> {
  const names = new Set<string>();
  for (const file of readdirSync(PACKAGE, { recursive: true, encoding: "utf8" })) {
    // What is defined: the classes and properties of style sheets, and properties that are set by scripts.
    if (file.endsWith(".css") || file.endsWith("custom-css-properties/index.js")) {
      for (const [name] of readFileSync(join(PACKAGE, file), "utf8").matchAll(NAMES)) {
        names.add(name);
      }
    }
  }
  if (names.size < 1_000) {
    throw new Error(`only ${names.size} names of ${PACKAGE} look as expected: their form has changed`);
  }
  const short = (name: string, index: number) => (name.startsWith("--") ? "--" : "a-") + index.toString(36);
  return new Map([...names].sort().map((name, index) => [name, short(name, index)]));
}

/** Shortens the names of the component library: they are a fifth of what a first visit loads, and compress badly. */
export function withShortNames(): Plugin {
  const short = shortNames();
  return {
    name: "with-short-names",
    enforce: "pre",
    transform: (code, id) =>
      id.includes("/@cloudscape-design/")
        ? { code: code.replace(NAMES, (name) => short.get(name) ?? name), map: null }
        : undefined,
  };
}
