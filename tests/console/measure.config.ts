import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

/** Times of the console in a browser: `make measure-console`. No test: times depend on the machine. */
export default defineConfig({
  ...tests,
  testMatch: "measure.ts",
  outputDir: "results/measure-artifacts",
  reporter: [["dot"]],
  workers: 1,
  use: { ...tests.use, screenshot: "off", trace: "off" },
});
