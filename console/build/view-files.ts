import type { Rolldown } from "vite";

/** Modules of the views, by their path behind the workspace; the list of all workspaces by its whole path. */
const VIEWS: Record<string, string[]> = {
  "": ["shell/shell.tsx", "overview/overview.tsx"],
  callbacks: ["shell/shell.tsx", "callbacks/callbacks.tsx"],
  "callbacks/edit": ["callbacks/dialog.tsx"],
  deliveries: ["shell/shell.tsx", "deliveries/deliveries.tsx"],
  endpoints: ["shell/shell.tsx", "endpoints/endpoints.tsx"],
  signing: ["shell/shell.tsx", "signing/signing.tsx"],
  audit: ["shell/shell.tsx", "audit/audit.tsx"],
  "try-it": ["shell/shell.tsx", "try-it/try-it.tsx"],
  "/workspaces": ["shell/shell.tsx", "fleet/fleet.tsx"],
};

/** The entry, whose files every page names. */
const ENTRY = "console/src/main.tsx";

/** Returns the files that a module is loaded with, itself included, by the end of its path. */
function filesOf(module: string, bundle: Rolldown.OutputBundle): Set<string> {
  const files = new Set<string>();
  const add = (name: string) => {
    const chunk = bundle[name];
    if (chunk?.type !== "chunk" || files.has(name)) {
      return;
    }
    files.add(name);
    for (const css of chunk.viteMetadata?.importedCss ?? []) {
      files.add(css);
    }
    chunk.imports.forEach(add);
  };
  const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
  const own = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(module)));
  if (!own) {
    throw new Error(`the build has no ${module}`);
  }
  add(own.fileName);
  return files;
}

/** Returns the files of a view without those that every page names. */
export function viewFiles(path: string, bundle: Rolldown.OutputBundle): string[] {
  const named = filesOf(ENTRY, bundle);
  const modules = VIEWS[path];
  if (!modules) {
    throw new Error(`no view has the path ${path}`);
  }
  const files = modules.flatMap((module) => [...filesOf(`console/src/${module}`, bundle)]);
  return [...new Set(files)].filter((file) => !named.has(file));
}
