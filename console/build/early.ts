import type { Plugin } from "vite";
import { FRAME, FRAME_DIALOG } from "../src/frame/frame.ts";
import { SESSION } from "../src/session/session-key.ts";
import { THEME_KEY } from "../src/shell/theme-key.ts";
import { TO_VIEW, UNSIGNED, WORKSPACE } from "./frame.ts";

/** First call of views to the API, below their workspace, by their path behind it. */
const CALLS: Record<string, string> = {
  "": "/endpoints",
  callbacks: "/callbacks",
  "callbacks/edit": "/callbacks",
  deliveries: "/endpoints",
  endpoints: "/endpoints",
};

/** The script. It is a file, because the content security policy allows no script in the page. */
const SCRIPT = `(() => {
  const page = document.documentElement;
  const [base = "", workspace = ""] = /^\\/workspaces\\/([^/]+)/.exec(location.pathname) ?? [];

  const stored = (storage) => {
    try {
      return window[storage];
    } catch {
      return {}; // the browser's settings forbid it
    }
  };
  const theme = stored("localStorage")[${JSON.stringify(THEME_KEY)}];
  if (theme === "light" || theme === "dark") {
    page.dataset.theme = theme;
  }
  if (Object.keys(stored("sessionStorage")).some((key) => key.startsWith(${JSON.stringify(SESSION)}))) {
    page.classList.remove(${JSON.stringify(UNSIGNED)});
  }

  // Before the first paint with the whole frame: the page is the same in every workspace.
  const fill = () => {
    if (!document.getElementById("root")) {
      requestAnimationFrame(fill);
      return;
    }
    if (page.classList.contains(${JSON.stringify(UNSIGNED)})) {
      document.getElementById(${JSON.stringify(FRAME)})?.remove();
      document.getElementById(${JSON.stringify(FRAME_DIALOG)})?.remove();
      return;
    }
    for (const link of document.querySelectorAll("[${TO_VIEW}]")) {
      link.href = base + link.getAttribute("${TO_VIEW}");
    }
    for (const element of document.querySelectorAll("[${WORKSPACE}]")) {
      element.textContent = decodeURIComponent(workspace);
    }
  };
  fill();

  const early = (window.early = {});
  const request = (path) => (early[path] = fetch(path, { cache: "no-store" }).catch(() => undefined));
  const path = location.pathname.slice(base.length).replace(/^\\/|\\/$/g, "");
  const call = base && ${JSON.stringify(CALLS)}[path];
  request("/console.json").then(async (response) => {
    // With a sign-in, calls need a token.
    if (response?.ok && !(await response.clone().json()).signIn) {
      request("/v1/caller");
      if (call) {
        request("/v1" + base + call);
      }
    }
  });
})();
`;

/**
 * Adds a script that runs before the page is painted: it applies the theme, writes the workspace into the frame, and
 * requests the configuration and the first data beside the program.
 */
export function withEarly(): Plugin {
  let name: string | undefined;
  return {
    name: "with-early",
    apply: "build",
    generateBundle() {
      name = this.getFileName(this.emitFile({ type: "asset", name: "early.js", source: SCRIPT }));
    },
    transformIndexHtml: {
      order: "post",
      handler: () => [{ tag: "script", attrs: { src: `/${name}` }, injectTo: "head-prepend" }],
    },
  };
}
