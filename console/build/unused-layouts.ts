import type { Plugin } from "vite";

/** Two of the three layouts that `AppLayout` chooses from. The console is shown in the third, `visual-refresh`. */
const UNUSED = new Set(["./classic", "./visual-refresh-toolbar"]);

const CHOICE = "/@cloudscape-design/components/app-layout/internal.js";

const STUB = "\0unused-layout";

/** Leaves out layouts that are never shown: a tenth of what each view loads, drag and drop for their drawers included. */
export const withoutUnusedLayouts: Plugin = {
  name: "without-unused-layouts",
  enforce: "pre",
  resolveId: (source, importer) => (UNUSED.has(source) && importer?.endsWith(CHOICE) ? STUB : undefined),
  load: (id) =>
    id === STUB
      ? 'export default () => { throw new Error("this layout is left out: see build/unused-layouts.ts"); }'
      : undefined,
  buildEnd(error) {
    if (!error && !this.getModuleInfo(STUB)) {
      throw new Error(`${CHOICE} does not import ${[...UNUSED].join(" and ")} any more`);
    }
  },
};
