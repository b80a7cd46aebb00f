/** ID of the frame: what the page shows before the program, made by `build/frame.ts`. */
export const FRAME = "frame";

/** ID of the frame's callbacks dialog. */
export const FRAME_DIALOG = "frame-dialog";

/** Removes the frame once the program shows the view. While it is there, `frame.css` hides the program. */
export function removeFrame() {
  const frame = document.getElementById(FRAME);
  if (!frame) {
    return;
  }
  const focused = frame.querySelector<HTMLAnchorElement>("a:focus");
  frame.remove();
  performance.mark("view"); // for tests/console/measure.ts
  if (focused) {
    sameLink(focused)?.focus();
  }
}

/** Returns whether the page shows the callbacks dialog of its frame. */
export const hasFrameDialog = () => document.getElementById(FRAME_DIALOG) !== null;

export function removeFrameDialog() {
  document.getElementById(FRAME_DIALOG)?.remove();
  performance.mark("dialog"); // for tests/console/measure.ts
}

/** Returns the program's link with the same text and address. */
function sameLink({ href, textContent }: HTMLAnchorElement): HTMLAnchorElement | undefined {
  return [...document.links].find(
    (link): link is HTMLAnchorElement =>
      link instanceof HTMLAnchorElement && link.href === href && link.textContent === textContent,
  );
}
