import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import LineChart from "@cloudscape-design/components/line-chart";
import Link from "@cloudscape-design/components/link";
import { useMemo } from "react";
import { useFollow } from "../shell/follow";
import { duration } from "../words/time";
import { useWorkspace } from "../workspace";
import { tickOf } from "./axis";
import { BucketsTable } from "./buckets-table";
import { count, highestBar, highestLatency, latencySeries, outcomeSeries } from "./series";
import type { Statistics } from "./use-statistics";

const HEIGHT = 220;

const I18N = {
  legendAriaLabel: "Legend",
  chartAriaRoleDescription: "chart",
  xAxisAriaRoleDescription: "time axis",
  yAxisAriaRoleDescription: "value axis",
  detailPopoverDismissAriaLabel: "Dismiss",
};

/** Deliveries by outcome, and how long receivers took, over time. */
export default function Charts({ statistics }: { statistics: Statistics }) {
  const { buckets, bucketSeconds } = statistics;
  const link = useDeliveriesOf(bucketSeconds);
  // The same as long as the figures are, so that a chart that somebody points at stays as it is.
  const outcomes = useMemo(() => outcomeSeries(buckets), [buckets]);
  const latencies = useMemo(() => latencySeries(buckets), [buckets]);
  const times = useMemo(() => buckets.map(({ at }) => new Date(at)), [buckets]);
  const tick = useMemo(() => tickOf(bucketSeconds), [bucketSeconds]);
  const first = times[0];
  const last = times.at(-1);
  return (
    <Grid
      gridDefinition={[
        { colspan: { default: 12, m: 6 } },
        { colspan: { default: 12, m: 6 } },
        { colspan: 12 },
      ]}
    >
      <Container fitHeight header={<Header variant="h2">Deliveries</Header>}>
        <BarChart
          ariaLabel="Deliveries over time by outcome"
          ariaDescription="Bars of what was delivered, is pending and has failed. The same stands below as a table."
          series={outcomes}
          stackedBars
          xDomain={times}
          yDomain={[0, highestBar(buckets)]}
          xScaleType="categorical"
          xTickFormatter={tick}
          yTickFormatter={(value) => (Number.isInteger(value) ? count(value) : "")}
          yTitle="Deliveries"
          height={HEIGHT}
          hideFilter
          i18nStrings={I18N}
          detailPopoverFooter={link}
          empty={<Nothing />}
        />
      </Container>
      <Container fitHeight header={<Header variant="h2">Latency</Header>}>
        <LineChart
          ariaLabel="Latency over time"
          ariaDescription="Lines of the percentiles 50, 95 and 99 of how long receivers took to answer. The same stands below as a table."
          series={statistics.latency ? latencies : []}
          xDomain={first && last ? [first, last] : undefined}
          yDomain={[0, highestLatency(buckets)]}
          xScaleType="time"
          xTickFormatter={tick}
          yTickFormatter={duration}
          yTitle="Time until the answer"
          height={HEIGHT}
          hideFilter
          i18nStrings={I18N}
          detailPopoverFooter={link}
          empty={<Nothing />}
        />
      </Container>
      <BucketsTable statistics={statistics} />
    </Grid>
  );
}

function Nothing() {
  return (
    <Box textAlign="center" color="inherit">
      <b>Nothing was sent in this time</b>
    </Box>
  );
}

/** From a point of a chart to the deliveries behind it. */
function useDeliveriesOf(bucketSeconds: number) {
  const { paths } = useWorkspace();
  const follow = useFollow();
  return useMemo(
    () => (at: Date) => {
      const until = new Date(at.getTime() + bucketSeconds * 1_000);
      const filter = new URLSearchParams({ since: at.toISOString(), until: until.toISOString() });
      return (
        <Link href={`${paths.deliveries}?${filter}`} onFollow={follow}>
          These deliveries
        </Link>
      );
    },
    [paths.deliveries, follow, bucketSeconds],
  );
}
