import { mkdirSync, rmSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { Program } from "./support/program";

const FRAMES = "results/picture";

/** Number of frames in which the pointer moves to a button, and the duration of each, in milliseconds. */
const STEPS = 8;
const STEP_MS = 50;

/** Takes the frames of the picture. A frame's name has its number and its duration in milliseconds. */
class Camera {
  private frames = 0;
  private pointer = { x: 620, y: 420 };

  constructor(private readonly page: Page) {
    rmSync(FRAMES, { recursive: true, force: true });
    mkdirSync(FRAMES, { recursive: true });
  }

  async frame(ms: number) {
    this.frames += 1;
    await this.drawPointer();
    await this.page.screenshot({ path: `${FRAMES}/${String(this.frames).padStart(4, "0")}-${ms}.png` });
  }

  /** Moves the pointer to a button, and clicks it. */
  async click(button: Locator) {
    await button.scrollIntoViewIfNeeded();
    const box = await button.boundingBox();
    if (!box) {
      throw new Error(`not on the page: ${button}`);
    }
    const from = this.pointer;
    const to = { x: box.x + Math.min(box.width / 2, 80), y: box.y + box.height / 2 };
    for (let step = 1; step <= STEPS; step += 1) {
      const part = (1 - Math.cos((Math.PI * step) / STEPS)) / 2;
      this.pointer = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
      await this.frame(step === STEPS ? 350 : STEP_MS);
    }
    await button.click();
  }

  /** A screenshot has no pointer of its own. */
  private async drawPointer() {
    await this.page.evaluate(({ x, y }) => {
      const known = document.getElementById("picture-pointer");
      const dot = known ?? document.body.appendChild(document.createElement("div"));
      dot.id = "picture-pointer";
      Object.assign(dot.style, {
        position: "fixed",
        left: `${x - 11}px`,
        top: `${y - 11}px`,
        width: "22px",
        height: "22px",
        borderRadius: "50%",
        background: "rgba(255, 153, 0, 0.55)",
        border: "2px solid rgb(255, 120, 0)",
        boxSizing: "border-box",
        zIndex: "99999",
        pointerEvents: "none",
      });
    }, this.pointer);
  }
}

test("the picture: from the first click to a callback, a failing receiver, and its recovery", async ({
  page,
}) => {
  const program = await Program.start();
  const camera = new Camera(page);
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const row = (text: string) => page.getByRole("row").filter({ hasText: text });

  await page.goto(`${program.url}/workspaces/default/try-it`);
  await expect(page.getByText("No requests yet")).toBeVisible();
  await expect(button("Use the built-in receiver")).toBeEnabled();
  // The steps and the requests stand side by side then.
  await button("Close side navigation").click();
  await camera.frame(1_000);
  await camera.click(button("Use the built-in receiver"));
  await expect(page.getByText("All three event types call it")).toBeVisible();
  await camera.frame(1_000);

  await camera.click(button("Create"));
  await expect(row("created: order-1")).toContainText("Signature valid");
  await expect(row("created: order-1")).toContainText("200 after");
  await expect(button("Update")).toBeEnabled();
  await camera.frame(2_000);

  await camera.click(button("Fails"));
  await expect(page.getByText("A delivery that is missed is retried")).toBeVisible();
  await camera.frame(1_000);
  await camera.click(button("Update"));
  const failed = row("updated: order-1").filter({ hasText: "500 after" });
  await expect(failed).toHaveCount(1);
  await camera.frame(600);
  await expect(failed.filter({ hasText: "Signature valid" })).toHaveCount(3);
  await camera.frame(2_000);

  await camera.click(button("Acknowledges"));
  await camera.frame(700);
  const delivered = row("updated: order-1").filter({ hasText: "200 after" });
  await expect(delivered).toContainText("Signature valid");
  await camera.frame(3_500);
  await program.stop();
});
