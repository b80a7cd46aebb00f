import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { wordsOf } from "../api/problem";

/** What went wrong, in the API's own words, and the way on. */
export function Refusal({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, detail } = wordsOf(error);
  return (
    <Alert
      type="error"
      header={title}
      statusIconAriaLabel="Error"
      action={onRetry && <Button onClick={onRetry}>Try again</Button>}
    >
      {detail}
    </Alert>
  );
}
