import Button from "@cloudscape-design/components/button";
import type { Endpoint } from "./condition";

interface Props {
  endpoint: Endpoint;
  busy: boolean;
  onClick: () => void;
}

/** Named by its endpoint, for there may be several beside each other. */
export function ResumeButton({ endpoint, busy, onClick }: Props) {
  return (
    <Button onClick={onClick} loading={busy} ariaLabel={`Resume ${endpoint.url}`}>
      Resume
    </Button>
  );
}
