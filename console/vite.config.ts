import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * Cloudscape's global styles carry eight font files as text, 144 KB of them. The console uses the reader's own fonts, which
 * the style sheet names behind them: nothing to load, and a policy without `data:` for fonts.
 */
const withoutFonts: Plugin = {
  name: "without-fonts",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("global-styles/index.css") ? code.replace(/@font-face\s*\{[^}]*\}/g, "") : undefined,
};

/** The program that `npm run dev` shows; `make run` starts it there. */
const program = process.env.CONSOLE_API ?? "http://127.0.0.1:8787";
const toProgram = Object.fromEntries(
  ["/v1", "/local", "/console.json", "/health", "/openapi.json"].map((path) => [path, program]),
);

export default defineConfig({
  plugins: [withoutFonts, react()],
  build: {
    target: "es2022",
    // Which file needs which: for the test of what the first paint has to load.
    manifest: true,
    // The policy allows no data: beside images, and a file of its own is cached for ever.
    assetsInlineLimit: 0,
    // What matters is what a view has to load: tests/console/first-paint.spec.ts bounds that.
    chunkSizeWarningLimit: 1000,
  },
  // The help shows docs/receivers.md, which stands beside the console.
  server: { proxy: toProgram, fs: { allow: [".."] } },
});
