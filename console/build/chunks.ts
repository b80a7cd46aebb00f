import { fileURLToPath } from "node:url";
import type { Rolldown } from "vite";

const pathOf = (module: string) => fileURLToPath(new URL(`../src/${module}`, import.meta.url));

/** Returns a function that says whether a module is loaded with these entries, apart from the entries themselves. */
function loadedWith(...entries: string[]) {
  const paths = entries.map(pathOf);
  const loaded = new Set<string>();
  const add = (from: string, modules: Rolldown.ChunkingContext) => {
    for (const imported of modules.getModuleInfo(from)?.importedIds ?? []) {
      if (!loaded.has(imported)) {
        loaded.add(imported);
        add(imported, modules);
      }
    }
  };
  return (id: string, modules: Rolldown.ChunkingContext) => {
    if (loaded.size === 0) {
      for (const path of paths) {
        add(path, modules);
      }
    }
    return loaded.has(id) && !paths.includes(id);
  };
}

/**
 * The first view of those who come to set up callbacks: the program and the dialog. What they need is one chunk; it is
 * loaded by all views.
 */
const isLoadedFirst = loadedWith("main.tsx", "callbacks/dialog.tsx");

/** What is around all views but the dialog. */
const isLoadedWithShell = loadedWith("shell/shell.tsx");

/** Returns whether a module is the table's alone. Some views have no table, and it is the largest component. */
const isTable = (id: string) => /\/components\/(table\/|list-table|table-cells)/.test(id);

/**
 * Chunks: few, because each file is a call of the console's function on AWS, and small ones compress badly. What most
 * views share is loaded by all of them, what two share by these.
 */
export const groups: Rolldown.CodeSplittingGroup[] = [
  { name: (id, modules) => (isLoadedFirst(id, modules) ? "first" : null), priority: 4 },
  { name: (id, modules) => (isLoadedWithShell(id, modules) ? "shell-parts" : null), priority: 3.5 },
  { name: (id) => (isTable(id) ? null : "most-views"), minShareCount: 5, priority: 3 },
  { name: (id) => (isTable(id) ? "table" : null), minShareCount: 2, priority: 2.5 },
  { name: "some-views", minShareCount: 3, priority: 2 },
  { name: "two-views", minShareCount: 2, entriesAware: true, priority: 1 },
];
