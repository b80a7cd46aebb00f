import { readFileSync } from "node:fs";
import type { Plugin, Rolldown } from "vite";
import { PRODUCT, VIEWS, type View } from "../src/labels/views.ts";
import { type Frame, frameHtml, pathOf, UNSIGNED } from "./frame.ts";
import { viewFiles } from "./view-files.ts";

/** Pages besides those of the navigation, by their file. `any` stands for an ID. */
const DETAILS: Record<string, Omit<Frame, "signIn">> = {
  "callbacks/edit": { view: "callbacks", active: "callbacks", depth: 2, dialog: true },
  "deliveries/any": { view: "deliveries", active: "deliveries", depth: 2 },
  "endpoints/any": { view: undefined, active: "endpoints", depth: 2 },
};

const STYLE = new URL("../src/frame/frame.css", import.meta.url);

/** The page's style sheet, which holds back what follows it, but not the frame before it. */
const STYLE_SHEET = /\n *<link rel="stylesheet"[^>]*>/g;
const ROOT = '<div id="root"></div>';
const TITLE = `<title>${PRODUCT}</title>`;

/** Returns the frames, by the file of their page. */
function frames(signIn: boolean): [string, Frame][] {
  const views = Object.keys(VIEWS) as View[];
  const own = views
    .filter((view) => !(signIn && view === "tryIt"))
    .map((view): [string, Frame] => {
      const path = pathOf(view).slice(1);
      return [path || "overview", { view, active: view, depth: path ? 1 : 0, signIn }];
    });
  return [
    ...own,
    ...Object.entries(DETAILS).map(([file, frame]): [string, Frame] => [file, { ...frame, signIn }]),
  ];
}

function preload(file: string): string {
  return file.endsWith(".css")
    ? `    <link rel="preload" as="style" crossorigin href="/${file}">\n`
    : `    <link rel="modulepreload" crossorigin href="/${file}">\n`;
}

/** Returns the page with a frame, which requests the files of its view beside the program. */
function page(plain: string, style: string, files: string[], frame: Frame): string {
  const [sheet, ...more] = plain.match(STYLE_SHEET) ?? [];
  if (!sheet || more.length > 0 || !plain.includes(ROOT) || !plain.includes(TITLE)) {
    throw new Error(`index.html does not have one style sheet, ${ROOT} and ${TITLE} any more`);
  }
  const html = plain
    .replace(sheet, "")
    .replace("</head>", () => `${files.map(preload).join("")}  </head>`)
    .replace("<head>", () => `<head>\n    <link rel="stylesheet" href="/${style}">`)
    .replace(TITLE, () => `<title>${frame.view ? `${VIEWS[frame.view].title} – ` : ""}${PRODUCT}</title>`)
    .replace(ROOT, () => `${frameHtml(frame)}\n    ${ROOT}${sheet}`);
  return frame.signIn ? html.replace("<html ", `<html class="${UNSIGNED}" `) : html;
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
      for (const [file, frame] of frames(signIn)) {
        const files = viewFiles(file === "overview" ? "" : file.replace(/\/any$/, ""), bundle);
        context.emitFile({
          type: "asset",
          fileName: `pages/${signIn ? "sign-in" : "open"}/${file}.html`,
          source: page(plain, style, files, frame),
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
