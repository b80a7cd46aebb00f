import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import { CoarseNextTime, CoarseTime } from "../components/time";
import type { Delivery } from "./log";
import { shortUrl } from "./short-url";
import { type DeliveryState, type Obstacle, stateOf } from "./state";
import { urlLabel } from "./unrouted";

interface Column {
  id: string;
  header: string;
  alwaysVisible?: boolean;
  /** Not shown unless the user chooses it. */
  optional?: boolean;
}

/** Columns in their default order. */
export const COLUMNS: Column[] = [
  { id: "changedAt", header: "Time", alwaysVisible: true },
  { id: "status", header: "Status" },
  { id: "eventType", header: "Event" },
  { id: "instanceID", header: "Instance" },
  { id: "processName", header: "Process" },
  { id: "url", header: "Endpoint" },
  { id: "attemptCount", header: "Attempts" },
  { id: "next", header: "Next attempt" },
  { id: "reason", header: "Reason", optional: true },
];

interface Rows {
  /** Returns a delivery's address. */
  hrefOf: (delivery: Delivery) => string;
  open: (delivery: Delivery) => void;
  /** ID of the delivery that the panel shows. */
  openID: string | undefined;
  /** What deliveries of endpoints wait for, by endpoint ID, as far as the user may see it. */
  obstacles: Record<string, Obstacle>;
}

export function columnDefinitions({
  hrefOf,
  open,
  openID,
  obstacles,
}: Rows): TableProps.ColumnDefinition<Delivery>[] {
  // The columns fill a window of 1440 pixels, and a large one.
  const wide = window.innerWidth >= 1700;
  const state = (delivery: Delivery) => stateOf(delivery, obstacles[delivery.endpointID]);
  const cells: Record<string, Partial<TableProps.ColumnDefinition<Delivery>>> = {
    changedAt: {
      width: 145,
      minWidth: 120,
      isRowHeader: true,
      cell: (delivery) => (
        <span data-delivery={delivery.deliveryID} data-open={delivery.deliveryID === openID}>
          <Link
            href={hrefOf(delivery)}
            onFollow={(event) => {
              event.preventDefault();
              open(delivery);
            }}
          >
            <CoarseTime at={delivery.changedAt} />
            {/* Not a label, which would have to be renewed with the time. */}
            <span className="visually-hidden">
              : delivery of {delivery.instanceID}, {delivery.eventType}
            </span>
          </Link>
        </span>
      ),
    },
    status: {
      width: wide ? 190 : 145,
      minWidth: 130,
      cell: (delivery) => <DeliveryStatus state={state(delivery)} />,
    },
    eventType: { width: 85, cell: ({ eventType }) => eventType },
    instanceID: { width: wide ? 230 : 130, cell: ({ instanceID }) => instanceID },
    processName: { width: wide ? 220 : 100, cell: ({ processName }) => processName },
    url: {
      width: wide ? 400 : 195,
      minWidth: 160,
      cell: (delivery) => <Url url={urlLabel(delivery)} />,
    },
    attemptCount: { width: 110, cell: ({ attemptCount }) => attemptCount },
    next: { width: 120, minWidth: 110, cell: (delivery) => <NextAttempt state={state(delivery)} /> },
    reason: { width: 320, cell: (delivery) => state(delivery).title ?? "–" },
  };
  return COLUMNS.map(({ id, header }) => ({ id, header, minWidth: 90, cell: () => null, ...cells[id] }));
}

/** Shows a URL with its end, however narrow the column is. */
function Url({ url }: { url: string }) {
  const { start, end } = shortUrl(url);
  return (
    <span className="short-url" title={url}>
      <span>{start}</span>
      <span>{end}</span>
    </span>
  );
}

/** Shows the state with the code or the reason of the last failure: `Retrying (500)`. */
export function DeliveryStatus({ state: { type, text, short, title } }: { state: DeliveryState }) {
  return (
    <span title={title}>
      <StatusIndicator type={type}>{short ? `${text} (${short})` : text}</StatusIndicator>
    </span>
  );
}

/** Shows the time of the next attempt, or the event that starts it. */
export function NextAttempt({ state: { kind, next, nextAfter } }: { state: DeliveryState }) {
  if (next) {
    return <CoarseNextTime at={next} />;
  }
  return nextAfter ?? (kind === "waiting" ? "In order" : "–");
}
