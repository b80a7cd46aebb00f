import { useCallback } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { usePage } from "../shell/page";
import { SidePanel } from "../shell/side-panel";
import { useWorkspace } from "../workspace";
import { Detail } from "./detail/detail";
import { type Filter, readFilter, writeFilter } from "./filter";
import { HELP } from "./help";
import { LogTable } from "./log-table";

/** Shows the delivery log. Filter and open delivery are part of the page's URL. */
export default function Deliveries() {
  usePage("Deliveries", HELP);
  const { paths } = useWorkspace();
  const { deliveryID } = useParams();
  const [address] = useSearchParams();
  const navigate = useNavigate();
  const filter = readFilter(address);
  const query = writeFilter(filter);

  const path = deliveryID ? paths.delivery(deliveryID) : paths.deliveries;
  const close = useCallback(
    () => navigate(`${paths.deliveries}${query}`),
    [navigate, paths.deliveries, query],
  );
  return (
    <>
      <LogTable
        filter={filter}
        onFilter={(changed: Filter) => navigate(`${path}${writeFilter(changed)}`)}
        hrefOf={({ deliveryID }) => `${paths.delivery(deliveryID)}${query}`}
      />
      {deliveryID && (
        <SidePanel title="Delivery" onClose={close}>
          <Detail key={deliveryID} deliveryID={deliveryID} />
        </SidePanel>
      )}
    </>
  );
}
