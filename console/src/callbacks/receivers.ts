/** An example receiver from `docs/receivers.md`. */
export interface Receiver {
  language: string;
  /** Introductory text. Code is between backticks. */
  description: string;
  code: string;
}

/** Parses the section "In code": a subsection per language, with one fenced code block. */
export function receiversOf(markdown: string): Receiver[] {
  const receivers: Receiver[] = [];
  let inPart = false;
  let inFence = false;
  for (const line of markdown.split(/\r?\n/)) {
    const receiver = receivers.at(-1);
    if (line.startsWith("```")) {
      inFence = !inFence;
    } else if (inFence) {
      if (inPart && receiver) {
        receiver.code += `${line}\n`;
      }
    } else if (line.startsWith("## ")) {
      inPart = line === "## In code";
    } else if (inPart && line.startsWith("### ")) {
      receivers.push({ language: line.slice(4), description: "", code: "" });
    } else if (inPart && receiver) {
      receiver.description = `${receiver.description} ${line}`.trim();
    }
  }
  return receivers;
}
