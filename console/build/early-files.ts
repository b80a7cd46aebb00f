import type { Plugin, Rolldown } from "vite";

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

/** First call of views to the API, below their workspace. */
const CALLS: Record<string, string> = {
  "": "/endpoints",
  callbacks: "/callbacks",
  "callbacks/edit": "/callbacks",
  deliveries: "/endpoints",
  endpoints: "/endpoints",
};

/** The entry, whose files the page names itself. */
const ENTRY = "console/src/main.tsx";

type Files = Map<string, Set<string>>;

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

/** Returns the files of each view that the page does not name. */
function viewFiles(bundle: Rolldown.OutputBundle): Files {
  const named = filesOf(ENTRY, bundle);
  return new Map(
    Object.entries(VIEWS).map(([view, modules]) => {
      const files = modules.flatMap((module) => [...filesOf(`console/src/${module}`, bundle)]);
      return [view, new Set(files.filter((file) => !named.has(file)))];
    }),
  );
}

/** Returns the script. It is a file, because the content security policy allows no script in the page. */
function script(files: Files): string {
  const names = [...new Set([...files.values()].flatMap((set) => [...set]))];
  const views = Object.fromEntries(
    [...files].map(([view, set]) => [view, [...set].map((name) => names.indexOf(name))]),
  );
  return `(() => {
  const names = ${JSON.stringify(names)};
  const views = ${JSON.stringify(views)};
  const path = location.pathname.replace(/^\\/workspaces\\/[^/]+\\/?|\\/$/g, "");
  for (const index of views[path] ?? views[path.split("/")[0]] ?? []) {
    const link = document.createElement("link");
    link.href = "/" + names[index];
    link.crossOrigin = "";
    link.rel = names[index].endsWith(".css") ? "preload" : "modulepreload";
    if (link.rel === "preload") {
      link.as = "style";
    }
    document.head.append(link);
  }
  if (window.early) {
    return; // The program came first, and requests the rest itself.
  }
  const early = (window.early = {});
  const request = (path) => (early[path] = fetch(path, { cache: "no-store" }).catch(() => undefined));
  const workspace = /^\\/workspaces\\/[^/]+/.exec(location.pathname)?.[0];
  const calls = ${JSON.stringify(CALLS)};
  request("/console.json").then(async (response) => {
    // With a sign-in, calls need a token.
    if (response?.ok && !(await response.clone().json()).signIn) {
      request("/v1/caller");
      if (workspace && calls[path]) {
        request("/v1" + workspace + calls[path]);
      }
    }
  });
})();
`;
}

/**
 * Adds a script to the page that requests the files of the view in the address, the configuration, and the first data,
 * beside the program. Without it each is requested only when the one before has been loaded and run.
 */
export function withEarlyFiles(): Plugin {
  let name: string | undefined;
  return {
    name: "with-early-files",
    apply: "build",
    generateBundle(_, bundle) {
      const file = this.emitFile({ type: "asset", name: "early.js", source: script(viewFiles(bundle)) });
      name = this.getFileName(file);
    },
    transformIndexHtml: {
      order: "post",
      handler: () => [{ tag: "script", attrs: { src: `/${name}`, async: true }, injectTo: "head-prepend" }],
    },
  };
}
