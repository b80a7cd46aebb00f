import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

/** Records the moving picture of the README: `make picture`. No test. */
export default defineConfig({
  ...tests,
  testMatch: "picture.ts",
  outputDir: "results/picture-artifacts",
  use: { ...tests.use, viewport: { width: 1280, height: 880 }, screenshot: "off", trace: "off" },
});
