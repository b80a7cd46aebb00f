import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Time } from "../components/time";
import { type Endpoint, isFailing, sumOfBacklogs } from "../endpoints/condition";
import { backlogLabel } from "../endpoints/labels";
import { capitalised } from "../labels/text";
import { duration } from "../labels/time";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { count, successRate, waitingOf } from "./series";
import type { Statistics } from "./use-statistics";

interface Props {
  statistics: Statistics;
  /** `undefined` while loading, or if the user may not see endpoints. */
  endpoints: Endpoint[] | undefined;
}

/** Shows the totals of the time range. */
export function KeyFigures({ statistics, endpoints }: Props) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const { since, until, counted, failed, superseded, latency } = statistics;
  const list = (filter: Record<string, string>) => `${paths.deliveries}?${new URLSearchParams(filter)}`;
  const ofRange = (status?: string) => list({ ...(status && { status }), since, until });
  // A non-breaking space keeps a value and its unit together.
  const large = (text: string) => (
    <Box fontSize="heading-l" fontWeight="bold">
      {text.replace(" ", "\u00a0")}
    </Box>
  );
  const link = (text: string, href: string) =>
    text === "0" ? (
      large(text)
    ) : (
      <Link fontSize="heading-l" href={href} onFollow={follow}>
        {text}
      </Link>
    );
  const time = (milliseconds: number | undefined) =>
    large(milliseconds === undefined ? "–" : duration(milliseconds));
  const waiting = waitingOf(statistics, endpoints ?? []);
  const backlog = endpoints && sumOfBacklogs(endpoints);
  const alarming = endpoints?.some(isFailing) ?? false;
  const items = [
    { label: "Deliveries", value: link(count(counted), ofRange()) },
    { label: "Success rate", value: large(successRate({ ...statistics, waiting })) },
    {
      label: "Waiting now",
      value: backlog ? (
        <SpaceBetween size="xxs">
          {link(capitalised(backlogLabel(backlog)), list({ status: "pending" }))}
          {alarming && backlog.pending > 0 && (
            <StatusIndicator type="error">For a failing endpoint</StatusIndicator>
          )}
        </SpaceBetween>
      ) : (
        large("–")
      ),
    },
    { label: "Failed", value: link(count(failed), ofRange("failed")) },
    ...(superseded > 0
      ? [{ label: "Superseded", value: link(count(superseded), ofRange("superseded")) }]
      : []),
    { label: "Latency p50", value: time(latency?.p50Ms) },
    { label: "Latency p95", value: time(latency?.p95Ms) },
    { label: "Latency p99", value: time(latency?.p99Ms) },
    { label: "Endpoints", value: endpoints ? link(count(endpoints.length), paths.endpoints) : large("–") },
  ];
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            <>
              Since <Time at={since} />
            </>
          }
        >
          Key figures
        </Header>
      }
    >
      <SpaceBetween size="m">
        {!statistics.complete && (
          <Alert type="info" statusIconAriaLabel="Info" header="The time range was not counted completely">
            There are too many deliveries to count at once. Figures and charts start at <Time at={since} />.
            Select a shorter time range for a complete count.
          </Alert>
        )}
        <KeyValuePairs columns={4} minColumnWidth={120} items={items} />
      </SpaceBetween>
    </Container>
  );
}
