import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

/** Shows a text with a copy button. */
export function Copyable({ text, name }: { text: string; name: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      wrapText
      copyButtonAriaLabel={`Copy ${name}`}
      copySuccessText="Copied"
      copyErrorText="The browser blocked the copy"
    />
  );
}
