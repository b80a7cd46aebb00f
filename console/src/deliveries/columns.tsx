import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import { Time } from "../components/time";
import { giveUpLabel, reasonLabel, statusLabel } from "../labels/reasons";
import { shortTime } from "../labels/time";
import type { Delivery } from "./log";
import { urlLabel } from "./unrouted";

interface Column {
  id: string;
  header: string;
  alwaysVisible?: boolean;
}

/** Columns in their default order. */
export const COLUMNS: Column[] = [
  { id: "changedAt", header: "Time", alwaysVisible: true },
  { id: "status", header: "Status" },
  { id: "eventType", header: "Event type" },
  { id: "instanceID", header: "Instance" },
  { id: "processName", header: "Process" },
  { id: "url", header: "Endpoint" },
  { id: "attemptCount", header: "Attempts" },
  { id: "reason", header: "Reason" },
];

/** Returns the column definitions. `hrefOf` returns a delivery's address, `open` navigates to it. */
export function columnDefinitions(
  hrefOf: (delivery: Delivery) => string,
  open: (delivery: Delivery) => void,
): TableProps.ColumnDefinition<Delivery>[] {
  const cells: Record<string, Partial<TableProps.ColumnDefinition<Delivery>>> = {
    changedAt: {
      width: 165,
      minWidth: 140,
      isRowHeader: true,
      cell: (delivery) => (
        <Link
          href={hrefOf(delivery)}
          ariaLabel={`${shortTime(delivery.changedAt)}: delivery of ${delivery.instanceID}, ${delivery.eventType}`}
          onFollow={(event) => {
            event.preventDefault();
            open(delivery);
          }}
        >
          <Time at={delivery.changedAt} />
        </Link>
      ),
    },
    eventType: { width: 135, cell: ({ eventType }) => eventType },
    instanceID: { width: 150, cell: ({ instanceID }) => instanceID },
    processName: { width: 125, cell: ({ processName }) => processName },
    url: { width: 210, cell: urlLabel },
    status: { width: 135, cell: (delivery) => <DeliveryStatus status={delivery.status} /> },
    attemptCount: { width: 115, cell: ({ attemptCount }) => attemptCount },
    reason: { minWidth: 260, cell: (delivery) => reasonOf(delivery) ?? "–" },
  };
  return COLUMNS.map(({ id, header }) => ({ id, header, minWidth: 90, cell: () => null, ...cells[id] }));
}

export function DeliveryStatus({ status }: Pick<Delivery, "status">) {
  const { type, text } = statusLabel(status);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

/** Returns the reason for a delivery that is not delivered, if one is known. */
function reasonOf({ status, giveUpReason, lastReason }: Delivery): string | undefined {
  if (status === "delivered") {
    return undefined;
  }
  if (giveUpReason) {
    return giveUpLabel(giveUpReason).title;
  }
  return lastReason ? reasonLabel(lastReason).title : undefined;
}
