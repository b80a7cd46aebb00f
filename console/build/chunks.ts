import { fileURLToPath } from "node:url";
import type { Rolldown } from "vite";

/**
 * Entries of the first view of those who come to set up callbacks: the program and the dialog. What they need is one
 * chunk; it is loaded by all views.
 */
const FIRST = ["../src/main.tsx", "../src/callbacks/dialog.tsx"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

const loadedFirst = new Set<string>();

/** Returns whether a module is loaded with the first view, apart from its entries. */
function isLoadedFirst(id: string, modules: Rolldown.ChunkingContext): boolean {
  const add = (from: string) => {
    for (const imported of modules.getModuleInfo(from)?.importedIds ?? []) {
      if (!loadedFirst.has(imported)) {
        loadedFirst.add(imported);
        add(imported);
      }
    }
  };
  if (loadedFirst.size === 0) {
    FIRST.forEach(add);
  }
  return loadedFirst.has(id) && !FIRST.includes(id);
}

/** Returns whether a module is the table's alone. Some views have no table, and it is the largest component. */
const isTable = (id: string) => /\/components\/(table\/|list-table|table-cells)/.test(id);

/**
 * Chunks: few, because each file is a call of the console's function on AWS, and small ones compress badly. What most
 * views share is loaded by all of them, what two share by these.
 */
export const groups: Rolldown.CodeSplittingGroup[] = [
  { name: (id, modules) => (isLoadedFirst(id, modules) ? "first" : null), priority: 4 },
  { name: (id) => (isTable(id) ? null : "most-views"), minShareCount: 5, priority: 3 },
  { name: (id) => (isTable(id) ? "table" : null), minShareCount: 2, priority: 2.5 },
  { name: "some-views", minShareCount: 3, priority: 2 },
  { name: "two-views", minShareCount: 2, entriesAware: true, priority: 1 },
];
