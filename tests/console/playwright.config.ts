import { defineConfig } from "@playwright/test";
import { TEST_TIMEOUT_MS, WAIT_TIMEOUT_MS } from "./support/timeouts";

// Debian's Chromium without a window, which takes a third less processor time than the one with. Playwright's own is not available from the
// package registries.
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell";

export default defineConfig({
  testDir: ".",
  outputDir: "results/artifacts",
  reporter: process.env.CI ? [["dot"]] : [["list"]],
  forbidOnly: true,
  retries: 0,
  workers: 3,
  fullyParallel: true,
  timeout: TEST_TIMEOUT_MS,
  expect: { timeout: WAIT_TIMEOUT_MS, toPass: { timeout: WAIT_TIMEOUT_MS } },
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    contextOptions: { reducedMotion: "reduce" },
    // Without these an action waits until the whole test's time is up.
    actionTimeout: WAIT_TIMEOUT_MS,
    navigationTimeout: WAIT_TIMEOUT_MS,
    permissions: ["clipboard-read", "clipboard-write"],
    screenshot: "only-on-failure",
    // Without a film of each test and copies of its pages, which take a fourth of its processor time: `--trace on` has them.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: false },
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox", // most containers run as root
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
