import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import { Time } from "../components/time";
import { type Endpoint, isFailing, sumOfBacklogs } from "../endpoints/condition";
import { backlogLabel } from "../endpoints/labels";
import { capitalised } from "../labels/text";
import { duration } from "../labels/time";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { type Counted, count, filterOf, successRate, UNKNOWN, waitingOf } from "./series";
import type { Statistics } from "./use-statistics";

interface Props {
  /** `undefined` while loading: the figures have their places by then, so that they do not move what is below. */
  statistics: Statistics | undefined;
  /** `undefined` while loading, or if the user may not see endpoints. */
  endpoints: Endpoint[] | undefined;
}

/** Shows the totals of the time range. */
export function KeyFigures({ statistics, endpoints }: Props) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const list = (filter: Record<string, string>) => `${paths.deliveries}?${new URLSearchParams(filter)}`;
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
  const figure = (value: (statistics: Statistics) => ReactNode) =>
    statistics ? value(statistics) : large(UNKNOWN);
  const counted = (key: Counted) => figure((of) => link(count(of[key]), list(filterOf(key, of))));
  const time = (key: "p50Ms" | "p95Ms" | "p99Ms") =>
    figure(({ latency }) => large(latency ? duration(latency[key]) : UNKNOWN));
  const backlog = endpoints && sumOfBacklogs(endpoints);
  const alarming = endpoints?.some(isFailing) ?? false;
  const items = [
    { label: "Deliveries", value: counted("counted") },
    {
      label: "Success rate",
      value: figure((of) => large(successRate({ ...of, waiting: waitingOf(of, endpoints ?? []) }))),
    },
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
        large(UNKNOWN)
      ),
    },
    { label: "Failed", value: counted("failed") },
    ...(statistics && statistics.superseded > 0
      ? [{ label: "Superseded", value: counted("superseded") }]
      : []),
    { label: "Latency p50", value: time("p50Ms") },
    { label: "Latency p95", value: time("p95Ms") },
    { label: "Latency p99", value: time("p99Ms") },
    {
      label: "Endpoints",
      value: endpoints ? link(count(endpoints.length), paths.endpoints) : large(UNKNOWN),
    },
  ];
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            statistics ? (
              <>
                Since <Time at={statistics.since} />
              </>
            ) : (
              <span role="status">Loading figures</span>
            )
          }
        >
          Key figures
        </Header>
      }
    >
      <SpaceBetween size="m">
        {statistics?.complete === false && (
          <Alert type="info" statusIconAriaLabel="Info" header="The time range was not counted completely">
            There are too many deliveries to count at once. Figures and charts start at{" "}
            <Time at={statistics.since} />. Select a shorter time range for a complete count.
          </Alert>
        )}
        <KeyValuePairs columns={4} minColumnWidth={120} items={items} />
      </SpaceBetween>
    </Container>
  );
}
