import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Refusal, type RefusalProps } from "./error-alert";

/** A view of which nothing could be read. */
export function RefusedPage({ title, ...refusal }: RefusalProps & { title: string }) {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{title}</Header>
      <Refusal {...refusal} />
    </SpaceBetween>
  );
}
