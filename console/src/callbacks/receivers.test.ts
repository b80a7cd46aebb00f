import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { receiversOf } from "./receivers";

const document = readFileSync(new URL("../../../docs/receivers.md", import.meta.url), "utf8");

test("the document has receivers in six languages, each with text and code", () => {
  const receivers = receiversOf(document);
  expect(receivers.map(({ language }) => language)).toEqual(["Node", "Python", "Go", "Java", "C#", "Rust"]);
  for (const { description, code } of receivers) {
    expect(description).not.toBe("");
    expect(description).not.toContain("```");
    expect(code).toContain("\n");
    expect(document).toContain(code);
  }
});

test("headings in code end no section, and other sections are ignored", () => {
  const markdown = `## Before\n\n\`\`\`sh\nno\n\`\`\`\n\n## In code\n\nAll of them.\n\n### Node\n\nSome\nwords.\n
\`\`\`js\n## In no part\n### not a heading\n\ncode\n\`\`\`\n\n## After\n\n### Not one\n`;
  expect(receiversOf(markdown)).toEqual([
    { language: "Node", description: "Some words.", code: "## In no part\n### not a heading\n\ncode\n" },
  ]);
});
