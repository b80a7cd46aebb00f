import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Component, type ReactNode } from "react";
import { useRouteError } from "react-router";
import { errorMessage } from "../api/problem";
import { Loading } from "../components/loading";
import { PRODUCT } from "../labels/views";
import { Standalone } from "../session/standalone";
import { usePage } from "./page";
import { isLoadError, useRecovery } from "./recovery";

/** Shows an error that a part of the console has thrown, with the next step. */
export function Failure({ error }: { error: unknown }) {
  return isLoadError(error) ? <LoadFailure /> : <UnexpectedFailure error={error} />;
}

/** Shows the error of a view in its place, inside the shell. Navigation ends it. */
export function ViewFailure() {
  usePage("Not available", null);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">This view is not available</Header>
      <Failure error={useRouteError()} />
    </SpaceBetween>
  );
}

/** Shows an error outside the shell, in place of the console. Navigation ends it. */
export function AppFailure() {
  return (
    <Standalone title={PRODUCT}>
      <Failure error={useRouteError()} />
    </Standalone>
  );
}

/** Keeps an error in a part of a view from the rest of it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed?: { error: unknown } }> {
  override state: { failed?: { error: unknown } } = {};

  static getDerivedStateFromError(error: unknown) {
    return { failed: { error } };
  }

  override render() {
    const { failed } = this.state;
    return failed ? <Failure error={failed.error} /> : this.props.children;
  }
}

function LoadFailure() {
  const state = useRecovery();
  if (state === "checking") {
    return <Loading />;
  }
  if (state === "unreachable") {
    return (
      <Alert type="error" statusIconAriaLabel="Error" header="The service cannot be reached">
        This part of the console is not loaded yet. It is loaded as soon as the service responds again.
      </Alert>
    );
  }
  const updated = state === "other-build";
  return (
    <Alert
      type={updated ? "info" : "error"}
      statusIconAriaLabel={updated ? "Info" : "Error"}
      header={updated ? "The console was updated" : "A file of the console could not be loaded"}
      action={<Reload />}
    >
      {updated
        ? "Reload the page to continue with the new version. Save your changes first: unsaved ones are lost."
        : "Reload the page. If that does not help, ask the operator to check the deployment of the console."}
    </Alert>
  );
}

function UnexpectedFailure({ error }: { error: unknown }) {
  return (
    <Alert
      type="error"
      statusIconAriaLabel="Error"
      header="This part of the console has failed"
      action={<Reload />}
    >
      Nothing was changed on the server. Reload the page; if that does not help, report this message:{" "}
      {errorMessage(error).detail}
    </Alert>
  );
}

const Reload = () => <Button onClick={() => location.reload()}>Reload</Button>;
