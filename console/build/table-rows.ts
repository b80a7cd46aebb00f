import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const CELLS = fileURLToPath(new URL("../src/components/table-cells.tsx", import.meta.url));

interface Edit {
  file: string;
  from: string;
  to: string;
  /** Added at the end of the file. */
  end?: string;
}

const EDITS: Edit[] = [
  {
    file: "/components/table/body-cell/index.js",
    from: "export function TableBodyCell(",
    to: "function BodyCell(",
    end: `import { memoCell } from ${JSON.stringify(CELLS)};
export const TableBodyCell = memoCell(BodyCell);`,
  },
  {
    file: "/components/table/selection/selection-cell.js",
    from: "export function TableBodySelectionCell(",
    to: "function BodySelectionCell(",
    end: `import { memoSelectionCell } from ${JSON.stringify(CELLS)};
export const TableBodySelectionCell = memoSelectionCell(BodySelectionCell);`,
  },
  // Contexts of the cells with a new value at each render of the table.
  {
    file: "/components/table/internal.js",
    from: "value: { defaultVariant: 'primary' }",
    to: "value: PRIMARY_LINKS",
    end: "const PRIMARY_LINKS = { defaultVariant: 'primary' };",
  },
  {
    file: "/component-toolkit/mjs/internal/single-tab-stop/index.js",
    from: `const value = parentContext.navigationActive
        ? parentContext
        : { navigationReset: false, navigationActive, registerFocusable, updateFocusTarget, resetFocusTarget };`,
    to: `const own = React.useMemo(
      () => ({ navigationReset: false, navigationActive, registerFocusable, updateFocusTarget, resetFocusTarget }),
      [parentContext, navigationActive, getNextFocusTarget, isElementSuppressed, onRegisterFocusable, onUnregisterActive],
    );
    const value = parentContext.navigationActive ? parentContext : own;`,
  },
  // Each status and each checkbox searches the whole page for the class of a theme that the console does not use.
  {
    file: "/component-toolkit/mjs/internal/visual-mode/index.js",
    from: "!!document.querySelector(",
    to: "false && document.querySelector(",
  },
];

/** Makes the rows of the component library's table render only when they have changed. */
export function withMemoizedRows(): Plugin {
  const made = new Set<Edit>();
  return {
    name: "with-memoized-rows",
    enforce: "pre",
    transform(code, id) {
      const edit = EDITS.find(({ file }) => id.endsWith(`@cloudscape-design${file}`));
      if (!edit) {
        return undefined;
      }
      if (code.split(edit.from).length !== 2) {
        throw new Error(`${edit.file} does not have ${JSON.stringify(edit.from)} once any more`);
      }
      made.add(edit);
      return { code: `${code.replace(edit.from, () => edit.to)}\n${edit.end ?? ""}`, map: null };
    },
    buildEnd(error) {
      const missing = EDITS.filter((edit) => !made.has(edit)).map(({ file }) => file);
      if (!error && missing.length > 0) {
        throw new Error(`the build no longer includes ${missing.join(", ")}`);
      }
    },
  };
}
