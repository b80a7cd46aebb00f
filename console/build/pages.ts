import { readFileSync } from "node:fs";
import type { Plugin, Rolldown } from "vite";
import { ALL_WORKSPACES, PRODUCT, VIEWS, type View } from "../src/labels/views.ts";
import { FLEET } from "../src/paths.ts";
import { type Frame, frameHtml, pathOf, UNSIGNED } from "./frame.ts";
import { viewFiles } from "./view-files.ts";

interface Page {
  /** Where the server finds it (crates/console-assets/src/pages.rs). */
  file: string;
  /** The key of the view's files. */
  view: string;
  /** `undefined` for a page that shows nothing before the program. */
  frame: Frame | undefined;
}

const STYLE = new URL("../src/frame/frame.css", import.meta.url);

/** The page's style sheet, which holds back what follows it, but not the frame before it. */
const STYLE_SHEET = /\n *<link rel="stylesheet"[^>]*>/g;
const ROOT = '<div id="root"></div>';
const TITLE = `<title>${PRODUCT}</title>`;

/** Returns the pages of the views in the navigation. */
function viewPages(signIn: boolean): Page[] {
  const views = (Object.keys(VIEWS) as View[]).filter((view) => !(signIn && view === "tryIt"));
  return views.map((view) => {
    const path = pathOf(view);
    const frame = { text: VIEWS[view], active: view, depth: path ? 1 : 0, signIn };
    return { file: `workspace${path}`, view: path.slice(1), frame };
  });
}

/** Returns the pages besides those of the navigation. `any` stands for an ID. */
function otherPages(signIn: boolean): Page[] {
  const { callbacks, deliveries } = VIEWS;
  return [
    {
      file: "workspace/callbacks/edit",
      view: "callbacks/edit",
      frame: { text: callbacks, active: "callbacks", depth: 2, dialog: true, signIn },
    },
    {
      file: "workspace/deliveries/any",
      view: "deliveries",
      frame: { text: deliveries, active: "deliveries", depth: 2, signIn },
    },
    {
      file: "workspace/endpoints/any",
      view: "endpoints",
      frame: { text: undefined, active: "endpoints", depth: 2, signIn },
    },
    {
      file: "workspaces",
      view: FLEET,
      // With a sign-in it is for operators only, and all others are redirected.
      frame: signIn ? undefined : { text: ALL_WORKSPACES, active: undefined, depth: 0, signIn },
    },
  ];
}

function preload(file: string): string {
  return file.endsWith(".css")
    ? `    <link rel="preload" as="style" crossorigin href="/${file}">\n`
    : `    <link rel="modulepreload" crossorigin href="/${file}">\n`;
}

/** Returns the page with its frame, which requests the files of its view beside the program. */
function html(plain: string, style: string, files: string[], frame: Frame | undefined): string {
  const [sheet, ...more] = plain.match(STYLE_SHEET) ?? [];
  if (!sheet || more.length > 0 || !plain.includes(ROOT) || !plain.includes(TITLE)) {
    throw new Error(`index.html does not have one style sheet, ${ROOT} and ${TITLE} any more`);
  }
  const loading = plain.replace("</head>", () => `${files.map(preload).join("")}  </head>`);
  if (!frame) {
    return loading;
  }
  const framed = loading
    .replace(sheet, "")
    .replace("<head>", () => `<head>\n    <link rel="stylesheet" href="/${style}">`)
    .replace(TITLE, () => `<title>${frame.text ? `${frame.text.title} – ` : ""}${PRODUCT}</title>`)
    .replace(ROOT, () => `${frameHtml(frame)}\n    ${ROOT}${sheet}`);
  return frame.signIn ? framed.replace("<html ", `<html class="${UNSIGNED}" `) : framed;
}

/**
 * Adds a page for each view, with what is known before the program is loaded: the view's frame, title and description,
 * and the files to load. The server chooses between those with and without a sign-in.
 */
export function withPages(): Plugin {
  const emitAll = (context: Rolldown.PluginContext, bundle: Rolldown.OutputBundle, plain: string) => {
    const source = readFileSync(STYLE, "utf8").replace(/\/\*[\s\S]*?\*\/|\n\s*/g, "");
    const style = context.getFileName(context.emitFile({ type: "asset", name: "frame.css", source }));
    for (const signIn of [false, true]) {
      for (const { file, view, frame } of [...viewPages(signIn), ...otherPages(signIn)]) {
        context.emitFile({
          type: "asset",
          fileName: `pages/${signIn ? "sign-in" : "open"}/${file}.html`,
          source: html(plain, style, viewFiles(view, bundle), frame),
        });
      }
    }
  };
  return {
    name: "with-pages",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const index = bundle["index.html"];
      if (index?.type !== "asset") {
        throw new Error("the build has no index.html yet");
      }
      emitAll(this, bundle, index.source.toString());
    },
  };
}
