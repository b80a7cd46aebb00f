/** An example of a receiver, as `docs/receivers.md` has it. */
export interface Receiver {
  language: string;
  /** What there is to say about it; `code` stands between backticks. */
  description: string;
  code: string;
}

/** Those of the document's part "In code": a section for each language, with a fenced block of code in it. */
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
