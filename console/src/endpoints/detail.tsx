import Alert from "@cloudscape-design/components/alert";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { isDamaged, problemType } from "../api/problem";
import { useCallbacksDamage } from "../callbacks/use-damage";
import { ErrorPage } from "../components/error-page";
import { Loading } from "../components/loading";
import { useLastError } from "../components/use-last-error";
import { ReplayFailedSince } from "../deliveries/replay/replay-failed-since";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useRouterLink } from "../shell/use-router-link";
import { EndpointSecret } from "../signing/endpoint-secret";
import { useWorkspace } from "../workspace";
import { ActionButtons } from "./action-buttons";
import type { Endpoint } from "./condition";
import { Explanation } from "./explanation";
import { HealthPanel } from "./health-panel";
import { HELP } from "./help";
import { History } from "./history-panel";
import { LastDeliveries } from "./last-deliveries";
import { nameOf } from "./names";
import { SendTest } from "./send-test";
import { SettingsForm } from "./settings-form";
import { StatisticsPanel } from "./statistics-panel";
import { useEndpoint } from "./use-endpoints";

/** Shows one endpoint: its health, the next step, its last deliveries and its settings. */
export function EndpointDetail({ endpointID }: { endpointID: string }) {
  usePage("Endpoint", HELP);
  const { workspace, paths } = useWorkspace();
  const session = useSession();
  const follow = useRouterLink();
  const read = useEndpoint(endpointID);
  const { data: endpoint, refetch } = read;
  const error = useLastError(read);
  const damage = useCallbacksDamage();
  const mayReadDeliveries = may(session, workspace, "deliveries:read");

  // The error takes precedence over cached data: the URL may have been removed since.
  if (problemType(error) === "unknown-endpoint") {
    return <Unknown />;
  }
  if (!endpoint || isDamaged(error)) {
    return error ? (
      <ErrorPage title="Endpoint" error={error} onRetry={refetch} damage={damage} />
    ) : (
      <Loading label="Loading endpoint" />
    );
  }
  return (
    <ContentLayout
      breadcrumbs={
        <BreadcrumbGroup
          ariaLabel="Breadcrumbs"
          onFollow={follow}
          items={[
            { text: VIEWS.endpoints.title, href: paths.endpoints },
            { text: nameOf(endpoint), href: paths.endpoint(endpointID) },
          ]}
        />
      }
      header={
        <Header
          variant="h1"
          description={<Description endpoint={endpoint} />}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <ActionButtons endpoint={endpoint} withPause />
              {mayReadDeliveries && <ReplayFailedSince endpoint={endpoint} />}
            </SpaceBetween>
          }
        >
          {endpoint.settings.name ?? endpoint.url}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Explanation endpoint={endpoint} />
        <HealthPanel endpoint={endpoint} />
        {mayReadDeliveries && <StatisticsPanel endpoint={endpoint} />}
        {mayReadDeliveries && <LastDeliveries endpoint={endpoint} />}
        <SendTest endpoint={endpoint} />
        <SettingsForm endpoint={endpoint} />
        <EndpointSecret endpointID={endpointID} />
        <History endpoint={endpoint} />
      </SpaceBetween>
    </ContentLayout>
  );
}

/** The URL of a named endpoint, and its description. */
function Description({ endpoint: { settings, url } }: { endpoint: Endpoint }) {
  return (
    <>
      {settings.name !== null && <div>{url}</div>}
      {settings.description?.split("\n").map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity, and may be equal
        <div key={index}>{line}</div>
      ))}
    </>
  );
}

function Unknown() {
  const { paths } = useWorkspace();
  return (
    <ContentLayout header={<Header variant="h1">Endpoint</Header>}>
      <Alert type="warning" statusIconAriaLabel="Warning" header="There is no such endpoint">
        Its URL is not configured, or was removed. See{" "}
        <Link href={paths.endpoints} onFollow={useRouterLink()}>
          all endpoints
        </Link>
        .
      </Alert>
    </ContentLayout>
  );
}
