import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Refusal } from "./refusal";

/** A view of which nothing could be read. */
export function RefusedPage({ title, ...refusal }: { title: string; error: unknown; onRetry: () => void }) {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{title}</Header>
      <Refusal {...refusal} />
    </SpaceBetween>
  );
}
