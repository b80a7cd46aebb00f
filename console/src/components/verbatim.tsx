import Box from "@cloudscape-design/components/box";

/** Shows a text verbatim. Long texts scroll, with the keyboard too. */
export function Verbatim({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <section className="verbatim" aria-label={label} tabIndex={0}>
      <Box variant="pre">{text}</Box>
    </section>
  );
}
