import { FRAME, FRAME_DIALOG } from "../src/frame/frame.ts";
import {
  DIALOG_LEAD,
  LOADING,
  NAVIGATION,
  PRODUCT,
  SECTIONS,
  VIEWS,
  type View,
} from "../src/labels/views.ts";
import { pathsOf } from "../src/paths.ts";

/** Attribute of links to a view: its path behind the workspace. */
export const TO_VIEW = "data-to";

/** Attribute of elements that show the name of the workspace. */
export const WORKSPACE = "data-workspace";

/** Class of the page for users who have not signed in. They do not see the frame. */
export const UNSIGNED = "unsigned";

export interface Frame {
  /** Title and description; `undefined` for a view that has those of its content. */
  text: { title: string; description: string } | undefined;
  /** The entry of the navigation that leads to the view. Without one there is no navigation. */
  active: View | undefined;
  /** Number of segments of the address behind the workspace. */
  depth: number;
  /** With the callbacks dialog over the view. */
  dialog?: true;
  /** With a sign-in there is no *Try it*. */
  signIn: boolean;
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Returns the path of a view behind the workspace. */
export const pathOf = (view: View) => pathsOf("any")[view].slice(pathsOf("any").overview.length);

/** Returns a link. Its address is relative, and where none can be, the early script sets it. */
function link(view: View, text: string, { depth }: Frame, isActive = false): string {
  const path = pathOf(view);
  const href = depth > 0 && path ? ` href="${"../".repeat(depth - 1) || "./"}${path.slice(1)}"` : "";
  const current = isActive ? ' aria-current="page"' : "";
  return `<a${href} ${TO_VIEW}="${path}"${current}>${escaped(text)}</a>`;
}

function navigation(frame: Frame): string {
  const sections = SECTIONS.filter(({ views }) => !(frame.signIn && views.includes("tryIt"))).map(
    ({ title, views }) => {
      const links = views.map(
        (view) => `<li>${link(view, VIEWS[view].title, frame, view === frame.active)}</li>`,
      );
      return `<h3>${escaped(title)}</h3><ul>${links.join("")}</ul>`;
    },
  );
  return `<nav><h2>${link("overview", NAVIGATION, frame)}</h2>${sections.join("")}</nav>`;
}

function content({ text }: Frame): string {
  const loading = `<p class="loading">${escaped(LOADING)}</p>`;
  return text ? `<h1>${escaped(text.title)}</h1><p>${escaped(text.description)}</p>${loading}` : loading;
}

const DIALOG = `<div id="${FRAME_DIALOG}"><div role="dialog" aria-modal="true" aria-labelledby="frame-title">
<h2 id="frame-title">${escaped(VIEWS.callbacks.title)}</h2>
<p>${escaped(DIALOG_LEAD[0])}<span ${WORKSPACE}></span>${escaped(DIALOG_LEAD[1])}</p>
<p class="loading">${escaped(LOADING)}</p></div></div>`;

/** Returns the HTML of what the page shows before the program: the frame of the view, with the labels of the program. */
export function frameHtml(frame: Frame): string {
  return `<div id="${FRAME}"${frame.dialog ? " inert" : ""}>
<header>${link("overview", PRODUCT, frame)}</header>
${frame.active ? navigation(frame) : ""}
<main>${content(frame)}</main>
</div>${frame.dialog ? DIALOG : ""}`;
}
