import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { ErrorAlert } from "../components/error-alert";
import { duration } from "../labels/time";
import { ChartsPanel } from "../overview/charts-panel";
import { RANGES, rangeOf } from "../overview/ranges";
import { type Counted, count, filterOf, successRate, UNKNOWN, waitingOf } from "../overview/series";
import { type Statistics, useStatistics } from "../overview/use-statistics";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";

/** Shows volume, success rate and latency of one endpoint over time. */
export function StatisticsPanel({ endpoint }: { endpoint: Endpoint }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const [search, setSearch] = useSearchParams();
  const range = rangeOf(search.get("range"));
  const { endpointID } = endpoint;
  const { data, error, refetch } = useStatistics(range, endpointID);
  const link = (value: number, filter: Record<string, string>) => {
    const query = new URLSearchParams({ endpointID, ...filter });
    return value === 0 ? (
      "0"
    ) : (
      <Link href={`${paths.deliveries}?${query}`} onFollow={follow}>
        {count(value)}
      </Link>
    );
  };
  // While loading, the figures have their places, so that they do not move what is below.
  const figure = (value: (statistics: Statistics) => ReactNode) => (data ? value(data) : UNKNOWN);
  const counted = (key: Counted) => figure((of) => link(of[key], filterOf(key, of)));
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SegmentedControl
                label="Time range"
                selectedId={range.id}
                options={RANGES.map(({ id, text }) => ({ id, text }))}
                onChange={({ detail }) => setSearch({ range: detail.selectedId }, { replace: true })}
              />
            }
          >
            Volume and latency
          </Header>
        }
      >
        <SpaceBetween size="l">
          {Boolean(error) && <ErrorAlert error={error} onRetry={refetch} />}
          {(data || !error) && (
            <KeyValuePairs
              columns={4}
              minColumnWidth={120}
              items={[
                { label: "Deliveries", value: counted("counted") },
                {
                  label: "Success rate",
                  value: figure((of) => successRate({ ...of, waiting: waitingOf(of, [endpoint]) })),
                },
                { label: "Failed", value: counted("failed") },
                ...(data && data.superseded > 0
                  ? [{ label: "Superseded", value: counted("superseded") }]
                  : []),
                { label: "Latency p50 / p95", value: figure(({ latency }) => latencyText(latency)) },
              ]}
            />
          )}
        </SpaceBetween>
      </Container>
      {(data || !error) && <ChartsPanel statistics={data} endpointID={endpointID} />}
    </SpaceBetween>
  );
}

const latencyText = (latency: { p50Ms: number; p95Ms: number } | null) =>
  latency ? `${duration(latency.p50Ms)} / ${duration(latency.p95Ms)}` : UNKNOWN;
