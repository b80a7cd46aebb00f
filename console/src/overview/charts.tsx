import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import LineChart from "@cloudscape-design/components/line-chart";
import { type FocusEvent, type ReactNode, useMemo, useState } from "react";
import { duration } from "../labels/time";
import { tickOf } from "./axis";
import { BucketsTable } from "./buckets-table";
import { useDeliveriesLink } from "./deliveries-link";
import { mergeBuckets } from "./merge-buckets";
import { count, endOf, latencySeries, maxLatency, maxTotal, outcomeSeries } from "./series";
import { useStableBars } from "./use-stable-bars";
import type { Statistics } from "./use-statistics";

const HALF = { colspan: { default: 12, xs: 6 } };

/** Properties of both charts. */
const COMMON = {
  height: 220,
  hideFilter: true,
  empty: <NoData />,
  i18nStrings: {
    legendAriaLabel: "Legend",
    chartAriaRoleDescription: "chart",
    xAxisAriaRoleDescription: "time axis",
    yAxisAriaRoleDescription: "value axis",
    detailPopoverDismissAriaLabel: "Dismiss",
  },
};

interface Props {
  statistics: Statistics;
  /** The endpoint of the statistics; without it they are of all endpoints. */
  endpointID?: string;
}

/** Shows deliveries by outcome, and the latency of receivers, over time. */
export default function Charts({ statistics, endpointID }: Props) {
  const { buckets, bucketSeconds, latency } = statistics;
  // Memoised by data, so that a chart keeps its state while it is in use.
  const merged = useMemo(() => mergeBuckets(buckets, bucketSeconds), [buckets, bucketSeconds]);
  const { barSeconds } = merged;
  const [focused, setFocused] = useState(false);
  const bars = useStableBars(merged.bars, focused);
  const outcomes = useMemo(() => outcomeSeries(bars), [bars]);
  const latencies = useMemo(() => latencySeries(buckets, bucketSeconds), [buckets, bucketSeconds]);
  const times = useMemo(() => bars.map(({ at }) => new Date(at)), [bars]);
  const domain = useMemo(() => {
    const [first, last] = [buckets[0], buckets.at(-1)];
    return first && last && [new Date(first.at), endOf(last, bucketSeconds)];
  }, [buckets, bucketSeconds]);
  const tick = useMemo(() => tickOf(bucketSeconds), [bucketSeconds]);
  const barLink = useDeliveriesLink(bars, barSeconds, endpointID);
  const bucketLink = useDeliveriesLink(buckets, bucketSeconds, endpointID);
  return (
    <Grid gridDefinition={[HALF, HALF, { colspan: 12 }]}>
      <Container fitHeight header={<Header variant="h2">Deliveries over time</Header>}>
        <FocusObserver onChange={setFocused}>
          <BarChart
            ariaLabel="Deliveries over time by outcome"
            ariaDescription="Bars of delivered, pending and failed deliveries. The table below has the same data."
            series={outcomes}
            stackedBars
            xDomain={times}
            yDomain={[0, maxTotal(bars)]}
            xScaleType="categorical"
            xTickFormatter={tick}
            yTickFormatter={(value) => (Number.isInteger(value) ? count(value) : "")}
            yTitle="Deliveries"
            detailPopoverFooter={barLink}
            {...COMMON}
          />
        </FocusObserver>
      </Container>
      <Container fitHeight header={<Header variant="h2">Latency over time</Header>}>
        <LineChart
          ariaLabel="Latency over time"
          ariaDescription="Lines of the percentiles 50, 95 and 99 of the response time. The table below has the same data."
          series={latency ? latencies : []}
          xDomain={domain}
          yDomain={[0, maxLatency(buckets)]}
          xScaleType="time"
          xTickFormatter={tick}
          yTickFormatter={duration}
          yTitle="Response time"
          detailPopoverFooter={bucketLink}
          {...COMMON}
        />
      </Container>
      <BucketsTable statistics={statistics} />
    </Grid>
  );
}

/**
 * Reports whether the focus is inside. A chart has the focus while its bars are navigated and while a popover is
 * open.
 */
function FocusObserver({ onChange, children }: { onChange: (within: boolean) => void; children: ReactNode }) {
  const blur = ({ currentTarget, relatedTarget }: FocusEvent) => {
    if (!currentTarget.contains(relatedTarget)) {
      onChange(false);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: not interactive; observes the focus of its content
    <div onFocus={() => onChange(true)} onBlur={blur}>
      {children}
    </div>
  );
}

function NoData() {
  return (
    <Box textAlign="center" color="inherit">
      <b>No deliveries in this period</b>
    </Box>
  );
}
