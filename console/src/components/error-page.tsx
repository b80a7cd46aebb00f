import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ErrorAlert, type ErrorAlertProps } from "./error-alert";

/** A view of which nothing could be read. */
export function ErrorPage({ title, ...alert }: ErrorAlertProps & { title: string }) {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{title}</Header>
      <ErrorAlert {...alert} />
    </SpaceBetween>
  );
}
