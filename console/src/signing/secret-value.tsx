import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useState } from "react";

/** Time after which a shown secret is hidden again. */
const HIDE_AFTER_MS = 60_000;

/** Shows a secret on request, and hides it again after a minute. */
export function SecretValue({ secret, name }: { secret: string; name: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (shown) {
      const timer = setTimeout(() => setShown(false), HIDE_AFTER_MS);
      return () => clearTimeout(timer);
    }
  }, [shown]);
  return (
    <SpaceBetween size="xs" direction="horizontal" alignItems="center">
      <Box variant="code">
        {shown ? <span className="breaks-anywhere">{secret}</span> : "whsec_••••••••••••"}
      </Box>
      <Button
        variant="inline-link"
        onClick={() => setShown(!shown)}
        ariaLabel={`${shown ? "Hide" : "Show"} the ${name}`}
      >
        {shown ? "Hide" : "Show"}
      </Button>
      <CopyToClipboard
        variant="icon"
        textToCopy={secret}
        copyButtonAriaLabel={`Copy the ${name}`}
        copySuccessText="Copied"
        copyErrorText="The browser blocked the copy"
      />
    </SpaceBetween>
  );
}
