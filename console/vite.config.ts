import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { groups } from "./build/chunks.ts";
import { withEarly } from "./build/early.ts";
import { withFewerMessages } from "./build/messages.ts";
import { withoutAnalytics } from "./build/no-analytics.ts";
import { withPages } from "./build/pages.ts";
import { withShortNames } from "./build/short-names.ts";
import { withMemoizedRows } from "./build/table-rows.ts";
import { withoutUnusedLayouts } from "./build/unused-layouts.ts";

/**
 * Removes the eight inlined fonts of Cloudscape's global styles, 144 KB. The style sheet falls back to system fonts, so
 * that the content security policy needs no `data:` for fonts.
 */
const withoutFonts: Plugin = {
  name: "without-fonts",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("global-styles/index.css") ? code.replace(/@font-face\s*\{[^}]*\}/g, "") : undefined,
};

/** Address of the program behind `npm run dev`, by default that of `make run`. */
const program = process.env.CONSOLE_API ?? "http://127.0.0.1:8787";
const toProgram = Object.fromEntries(
  ["/v1", "/local", "/console.json", "/health", "/openapi.json"].map((path) => [path, program]),
);

export default defineConfig({
  plugins: [
    withoutFonts,
    withoutAnalytics(),
    withFewerMessages(),
    withMemoizedRows(),
    withEarly(),
    withShortNames(),
    withoutUnusedLayouts,
    withPages(),
    react(),
  ],
  build: {
    target: "es2022",
    // Input of the test of the first paint's size.
    manifest: true,
    // The content security policy allows `data:` for images only, and separate files are cached forever.
    assetsInlineLimit: 0,
    // tests/console/first-paint.spec.ts limits what a view loads.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  // The help imports docs/receivers.md from outside the console folder.
  server: { proxy: toProgram, fs: { allow: [".."] } },
});
