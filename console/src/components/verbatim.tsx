import Box from "@cloudscape-design/components/box";

/** A text as it is, whatever it is. Long ones scroll, with the keyboard too. */
export function Verbatim({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
    <section className="verbatim" aria-label={label} tabIndex={0}>
      <Box variant="pre">{text}</Box>
    </section>
  );
}
