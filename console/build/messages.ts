import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const MESSAGES = "/@cloudscape-design/components/i18n/messages/all.en.js";
const NAMESPACE = "cloudscape-design-components";

/** Components whose messages are left out. The console does not use them. */
const UNUSED = new Set([
  "annotation-context",
  "cards",
  "code-editor",
  "dialog",
  "features-notification-drawer",
  "file-token-group",
  "file-upload",
  "pie-chart",
  "prompt-input",
  "s3-resource-selector",
  "slider",
  "tag-editor",
  "tree-view",
  "tutorial-panel",
  "wizard",
]);

const PARSER = "@formatjs/icu-messageformat-parser";

/** What FormatJS provides for messages that are parsed already, as those of the component library are. */
const NO_PARSER = fileURLToPath(new URL(`../node_modules/${PARSER}/lib/no-parser.js`, import.meta.url));

/** Returns the messages without those that are never shown. */
function shorten(code: string): string {
  const [, json] = /^export default (\{.*\});?\s*(?:\/\/.*)?$/s.exec(code) ?? [];
  if (!json) {
    throw new Error(`${MESSAGES} does not have its messages as JSON any more`);
  }
  const { [NAMESPACE]: own } = JSON.parse(json);
  const kept = Object.entries(own.en).filter(([component]) => !UNUSED.has(component));
  return `export default ${JSON.stringify({ [NAMESPACE]: { en: Object.fromEntries(kept) } })};`;
}

/** Leaves out the messages of components that the console does not use, and the parser of messages. */
export function withFewerMessages(): Plugin {
  const used = new Set<string>();
  let isShortened = false;
  return {
    name: "with-fewer-messages",
    enforce: "pre",
    resolveId: (source) => (source === PARSER ? NO_PARSER : undefined),
    transform(code, id) {
      if (id.endsWith(MESSAGES)) {
        isShortened = true;
        return { code: shorten(code), map: null };
      }
      if (id.includes("/@cloudscape-design/")) {
        for (const [, component] of code.matchAll(/useInternalI18n\(\s*['"]([^'"]+)/g)) {
          used.add(component ?? "");
        }
      }
      return undefined;
    },
    buildEnd(error) {
      const missing = [...used].filter((component) => UNUSED.has(component));
      if (!error && (!isShortened || used.size === 0 || !this.getModuleInfo(NO_PARSER))) {
        throw new Error(`the build no longer includes ${MESSAGES}, what asks for them, or ${NO_PARSER}`);
      }
      if (!error && missing.length > 0) {
        throw new Error(`the build leaves out messages that it needs: ${missing.join(", ")}`);
      }
    },
  };
}
