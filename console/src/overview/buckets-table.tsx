import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import type { TableProps } from "@cloudscape-design/components/table";
import { useMemo, useState } from "react";
import type { Schemas } from "../api/client";
import { ListTable } from "../components/list-table";
import { duration } from "../labels/time";
import { bucketTime } from "./axis";
import { anySuperseded, count, totalOf } from "./series";
import type { Statistics } from "./use-statistics";

type Bucket = Schemas["StatisticsBucket"];

/** Shows the chart data as a table, the newest first, without empty buckets. */
export function BucketsTable({ statistics }: { statistics: Statistics }) {
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection
      headerText="View as table"
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && <Rows statistics={statistics} />}
    </ExpandableSection>
  );
}

function Rows({ statistics: { buckets, bucketSeconds } }: { statistics: Statistics }) {
  const rows = useMemo(() => buckets.filter((bucket) => totalOf(bucket) > 0).reverse(), [buckets]);
  const number = (id: "delivered" | "pending" | "failed" | "superseded", header: string) => ({
    id,
    header,
    cell: (bucket: Bucket) => count(bucket[id]),
  });
  const latency = (id: "p50Ms" | "p95Ms" | "p99Ms", header: string) => ({
    id,
    header,
    cell: (bucket: Bucket) => (bucket.latency ? duration(bucket.latency[id]) : "–"),
  });
  const columns: TableProps.ColumnDefinition<Bucket>[] = [
    {
      id: "at",
      header: "Time",
      isRowHeader: true,
      cell: ({ at }) => bucketTime(new Date(at), bucketSeconds),
    },
    number("delivered", "Delivered"),
    number("pending", "Pending"),
    number("failed", "Failed"),
    ...(anySuperseded(rows) ? [number("superseded", "Superseded")] : []),
    latency("p50Ms", "p50"),
    latency("p95Ms", "p95"),
    latency("p99Ms", "p99"),
  ];
  return (
    <ListTable
      items={rows}
      columnDefinitions={columns}
      trackBy="at"
      variant="embedded"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Deliveries and latency over time" }}
      empty={<Box color="text-status-inactive">No deliveries in this time range</Box>}
    />
  );
}
