import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ErrorAlert, type ErrorAlertProps } from "./error-alert";

/** Shows an error in place of a view that could not be loaded. */
export function ErrorPage({ title, ...alert }: ErrorAlertProps & { title: string }) {
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{title}</Header>
      <ErrorAlert {...alert} />
    </SpaceBetween>
  );
}
