import type { Locator } from "@playwright/test";
import { expect, type Page } from "./test";

export type EventType = "created" | "updated" | "deleted";

/** The dialog "Instance Callback URLs", found by its accessible names. */
export class Dialog {
  readonly root: Locator;

  constructor(readonly page: Page) {
    this.root = page.getByRole("dialog", { name: "Instance Callback URLs" });
  }

  /** Opens the dialog by its address. */
  static async open(page: Page, path: string): Promise<Dialog> {
    await page.goto(path);
    const dialog = new Dialog(page);
    await expect(dialog.toggle("created")).toBeVisible();
    return dialog;
  }

  toggle(eventType: EventType): Locator {
    const name = eventType.charAt(0).toUpperCase() + eventType.slice(1);
    return this.root.getByLabel(`Enable ${name} Callback`);
  }

  urls(eventType: EventType): Locator {
    return this.root.getByRole("textbox", { name: `URLs called when an instance is ${eventType}` });
  }

  /** Returns what stands beside the lines: the result and the button of each. */
  lines(eventType: EventType): Locator {
    return this.root
      .getByRole("list", { name: `URLs of ${eventType} callbacks, line by line` })
      .getByRole("listitem");
  }

  button(name: string): Locator {
    return this.root.getByRole("button", { name, exact: true });
  }

  /** Enables an event type and sets its URLs, one per line. */
  async set(eventType: EventType, urls: string) {
    await this.toggle(eventType).check();
    await this.urls(eventType).fill(urls);
  }

  async ok() {
    await this.button("OK").click();
  }

  async isClosed() {
    await expect(this.page.getByRole("dialog")).toHaveCount(0);
  }
}
