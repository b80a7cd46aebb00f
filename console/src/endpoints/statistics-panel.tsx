import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { duration } from "../labels/time";
import { RANGES, rangeOf } from "../overview/ranges";
import { count, successRate, waitingOf } from "../overview/series";
import { useStatistics } from "../overview/use-statistics";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";

// Loaded last: the charts are the largest chunk.
const Charts = lazy(() => import("../overview/charts"));

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
          {!data && !error && <Loading label="Loading figures" />}
          {data && (
            <KeyValuePairs
              columns={4}
              minColumnWidth={120}
              items={[
                {
                  label: "Deliveries",
                  value: link(data.counted, { since: data.since, until: data.until }),
                },
                {
                  label: "Success rate",
                  value: successRate({ ...data, waiting: waitingOf(data, [endpoint]) }),
                },
                {
                  label: "Failed",
                  value: link(data.failed, { status: "failed", since: data.since, until: data.until }),
                },
                ...(data.superseded > 0
                  ? [
                      {
                        label: "Superseded",
                        value: link(data.superseded, {
                          status: "superseded",
                          since: data.since,
                          until: data.until,
                        }),
                      },
                    ]
                  : []),
                { label: "Latency p50 / p95", value: latencyText(data.latency) },
              ]}
            />
          )}
        </SpaceBetween>
      </Container>
      {data && (
        <Suspense fallback={<Loading label="Loading charts" />}>
          <Charts statistics={data} endpointID={endpointID} />
        </Suspense>
      )}
    </SpaceBetween>
  );
}

const latencyText = (latency: { p50Ms: number; p95Ms: number } | null) =>
  latency ? `${duration(latency.p50Ms)} / ${duration(latency.p95Ms)}` : "–";
